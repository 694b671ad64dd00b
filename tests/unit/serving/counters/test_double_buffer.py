from builders.counting import layout_of
from perennial_serving.counters.double_buffer import Bank, Banks, total
from perennial_serving.counters.shared_memory import Slab


def test_what_is_not_committed_does_not_count():
    banks = Banks(layout_of(), Slab.create())
    banks.other.counts[3] = 7
    assert banks.read().counts[3] == 0
    banks.commit()
    assert banks.read().counts[3] == 7


def test_what_was_read_stays_as_it_was():
    banks = Banks(layout_of(), Slab.create())
    before = banks.read()
    banks.counting.counts[3] = 7
    assert before.counts[3] == 0


def test_workers_are_added_up():
    banks = [Bank.empty(layout_of()) for _ in range(3)]
    for bank in banks:
        bank.counts[1] += 2
        bank.sums[1] += 0.5
    assert (total(banks).counts[1], total(banks).sums[1]) == (6, 1.5)
