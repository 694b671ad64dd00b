import numpy as np

from builders.counting import layout_of
from perennial_serving.counters.double_buffer import Totals
from perennial_serving.counters.inputs import CategoryCounter, NumberCounter

LAYOUT = layout_of()
DELAY = LAYOUT.profile.numbers[0]


def counted(*delays: float) -> Totals:
    """Return what is counted of rows whose delay is given."""
    totals = Totals.empty(LAYOUT)
    NumberCounter(LAYOUT).add(np.column_stack([delays, np.ones(len(delays))]), totals)
    return totals


def bins_of(name: str, totals: Totals) -> list[int]:
    counts = totals.counts[LAYOUT.counts.features].tolist()
    return [n for (one, _), n in zip(LAYOUT.features, counts, strict=True) if one == name]


def broken(totals: Totals) -> dict[str, int]:
    counts = totals.counts[LAYOUT.counts.out_of_contract].tolist()
    return dict(zip(LAYOUT.inputs, counts, strict=True))


def test_numbers_on_the_ends_of_bins_and_beside_them_fall_where_the_profile_puts_them():
    edges = np.array(DELAY.edges)
    beside = [np.nextafter(edges, np.inf), np.nextafter(edges, -np.inf)]
    values = np.concatenate([edges, *beside, [np.nan, 0.0, -0.0, 1e308, -1e308]])
    expected = np.bincount(DELAY.bins_of(values), minlength=len(DELAY.bins))
    assert bins_of("delay", counted(*values)) == expected.tolist()


def test_the_limits_of_a_contract_are_within_it():
    beyond = np.nextafter(100.0, np.inf)
    assert broken(counted(100.0, beyond, np.nan))["delay"] == 1
    schema = LAYOUT.schema
    inputs = [one.model_copy(update={"contract_minimum": 0.0}) for one in schema.inputs]
    lower = type(LAYOUT).of(schema.model_copy(update={"inputs": tuple(inputs)}), LAYOUT.profile)
    totals = Totals.empty(LAYOUT)
    rows = [[0.0, 1.0], [-0.0, 1.0], [-5e-324, -1.0], [np.nan, 1.0]]
    NumberCounter(lower).add(np.array(rows), totals)
    assert (broken(totals)["delay"], broken(totals)["distance"]) == (1, 1)


def test_deviations_on_either_side_never_fall():
    random = np.random.default_rng(0)
    totals, before = Totals.empty(LAYOUT), np.zeros(LAYOUT.floats)
    for _ in range(50):
        shift = random.choice([-1e6, -0.1, 0.0, 0.1, 1e6])
        delays = DELAY.mean + shift + random.normal(size=7)
        NumberCounter(LAYOUT).add(np.column_stack([delays, delays]), totals)
        assert (totals.sums >= before).all()
        before = totals.sums.copy()


def test_rows_that_are_counted_stay_as_they_are():
    schema, profile = LAYOUT.schema, LAYOUT.profile
    one = schema.model_copy(update={"inputs": schema.numbers[:1]})
    alone = type(LAYOUT).of(one, profile.model_copy(update={"numbers": profile.numbers[:1]}))
    for layout, numbers in ((LAYOUT, [[3.0, 1.0]]), (alone, [[3.0], [1.0]])):
        rows = np.array(numbers)
        NumberCounter(layout).add(rows, Totals.empty(layout))
        assert rows.tolist() == numbers


def test_each_code_counts_in_its_bin_and_breaks_the_contract_or_not():
    totals = Totals.empty(LAYOUT)
    # EWR, JFK and SWF are listed; EWR, JFK and LGA were seen in training
    origins = {"EWR": 0, "LGA": 2, "SWF, unseen": 3, "missing": 4, "unlisted": 5}
    codes = np.array([[0, origin] for origin in origins.values()])
    CategoryCounter(LAYOUT).add(codes, totals)
    assert broken(totals)["origin"] == 2
    *known, unseen, missing = bins_of("origin", totals)
    assert (sum(known), unseen, missing) == (2, 2, 1)


def test_a_model_without_numbers_or_without_categories_is_counted():
    schema, profile = LAYOUT.schema, LAYOUT.profile
    texts = schema.model_copy(update={"inputs": schema.texts})
    numbers = schema.model_copy(update={"inputs": schema.numbers})
    of_texts = type(LAYOUT).of(texts, profile.model_copy(update={"numbers": ()}))
    of_numbers = type(LAYOUT).of(numbers, profile.model_copy(update={"categories": ()}))
    for layout in (of_texts, of_numbers):
        totals = Totals.empty(layout)
        NumberCounter(layout).add(np.ones((3, len(layout.profile.numbers))), totals)
        CategoryCounter(layout).add(np.zeros((3, len(layout.profile.categories)), np.intp), totals)
        assert totals.counts[layout.counts.features].sum() == 3 * len(layout.inputs)
