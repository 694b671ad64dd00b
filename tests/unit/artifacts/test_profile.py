import numpy as np

from perennial.artifacts.profile import CategoryProfile, NumberProfile, Profile


def number(*edges: float) -> NumberProfile:
    return NumberProfile(name="delay", edges=edges, mean=0, spread=1, counts=())


def test_a_bin_holds_its_upper_edge_and_not_its_lower_one():
    bins = number(0.0, 10.0, 20.0).bins_of(np.array([-1.0, 0.0, 0.1, 10.0, 10.1, 20.0, 20.1]))
    assert bins.tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_missing_has_the_last_bin():
    one = number(0.0, 10.0)
    assert one.bins[one.bins_of(np.array([np.nan]))[0]] == "missing"
    assert one.bins == ("below", "1", "above", "missing")


def test_a_column_that_was_always_missing_has_two_bins():
    one = number()
    assert [one.bins[bin_] for bin_ in one.bins_of(np.array([1.0, np.nan]))] == ["above", "missing"]


def test_values_that_are_not_kept_share_a_bin_that_is_not_the_bin_of_unseen_ones():
    one = CategoryProfile(name="carrier", kept=("UA", "B6"), counts=(3, 2, 1, 0, 0))
    names = [one.bins[bin_] for bin_ in one.bins_of_codes(("AA", "B6", "UA"))]
    assert names == ["other", "2", "1", "unseen", "missing"]


def test_a_reader_leaves_alone_what_a_later_writer_adds():
    text = """{"format": 1, "rows": 1, "repeated": 0, "numbers": [], "categories": [],
        "heldOut": 1, "blocks": [{"from": 0}]}"""
    assert Profile.model_validate_json(text).rows == 1


def test_a_profile_without_blocks_of_time_is_read():
    text = """{"format": 1, "rows": 1, "repeated": 0, "heldOut": 1, "categories": [], "numbers":
        [{"name": "delay", "edges": [], "mean": 0, "spread": 0, "counts": [0, 1]}],
        "confidence": {"edges": [0.5], "counts": [1, 2], "sums": [0.0, 2.0]}}"""
    profile = Profile.model_validate_json(text)
    assert (profile.by_time, profile.numbers[0].largest) == (None, None)
    assert profile.confidence is not None
    assert profile.confidence.by_time is None
