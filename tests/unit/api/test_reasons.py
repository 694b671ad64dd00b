import re

from perennial.api.reasons import JobReason, Progress, SpecReason


def test_reasons_are_words_to_search_for():
    reasons = [*JobReason, *SpecReason, *Progress]
    assert all(re.fullmatch(r"([A-Z][a-z]+)+", reason) for reason in reasons)


def test_progress_is_never_called_like_a_failure():
    assert set(Progress).isdisjoint({*JobReason, *SpecReason})
