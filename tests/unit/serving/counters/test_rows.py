from builders.counting import batch_of, layout_of
from perennial_serving.counters.rows import ContractCodes


def test_unseen_values_that_the_contract_lists_stay_unseen():
    layout = layout_of()
    rows = [{"origin": name, "distance": 1} for name in ("EWR", "SWF", "XXX")]
    codes = ContractCodes(layout).codes(batch_of(layout.schema, rows))
    assert codes[:, 1].tolist() == [0, 3, 5]


def test_a_contract_that_lists_nothing_costs_nothing():
    layout = layout_of(listed=False)
    batch = batch_of(layout.schema, [{"origin": "XXX", "distance": 1}])
    assert ContractCodes(layout).codes(batch) is batch.codes
