from dataclasses import replace

import numpy as np
import pytest

from perennial.statistics.data_faults import Fault, InputBlocks, Usual, of_input, of_rows

BLOCKS = 15


def blocks(**last: float) -> InputBlocks:
    """Return 14 sound blocks of temperatures in Fahrenheit, and the last as given."""
    random = np.random.default_rng(1)
    zeros = np.zeros(BLOCKS)
    sound = InputBlocks(
        missing=zeros + 0.01,
        unseen=zeros,
        out_of_contract=zeros,
        outside=zeros + 0.02,
        top=zeros + 0.1,
        mean=60 + random.normal(0, 3, BLOCKS),
        spread=np.full(BLOCKS, 10.0),
    )
    changed = {name: getattr(sound, name).copy() for name in last}
    for name, value in last.items():
        changed[name][-1] = value
    return replace(sound, **changed)


def faults(changed: InputBlocks, usual: Usual | None = None) -> list[Fault]:
    return [found.fault for found in of_input(usual or Usual(), changed)]


def test_a_usual_block_has_no_fault():
    assert faults(blocks()) == []


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("missing", 0.3, Fault.MISSING),
        ("unseen", 0.5, Fault.UNSEEN),
        ("outside", 0.9, Fault.OUT_OF_RANGE),
        ("out_of_contract", 0.01, Fault.OUT_OF_CONTRACT),
        ("top", 1.0, Fault.CONSTANT),
    ],
)
def test_a_fault_is_named(name, value, fault):
    assert faults(blocks(**{name: value})) == [fault]


@pytest.mark.parametrize(("name", "value"), [("missing", 0.3), ("outside", 0.9), ("top", 1.0)])
def test_what_the_reference_has_too_is_no_fault(name, value):
    assert faults(blocks(**{name: value}), Usual(**{name: value})) == []


def test_celsius_instead_of_fahrenheit_is_a_mistake_of_units():
    (found,) = of_input(Usual(), blocks(mean=(60 - 32) / 1.8, spread=10 / 1.8))

    assert (found.fault, found.detail) == (Fault.UNIT, "Fahrenheit to Celsius")


def test_cold_weather_is_no_mistake_of_units():
    assert faults(blocks(mean=45.0, spread=9.0)) == []


def test_without_history_no_unit_is_judged():
    changed = blocks(mean=15.0, spread=5.5)

    assert faults(changed.at(slice(-3, None))) == []


def test_a_block_without_values_is_missing_and_nothing_else():
    assert faults(blocks(missing=1.0, mean=np.nan, spread=np.nan)) == [Fault.MISSING]


def test_the_first_block_is_judged_by_the_reference_alone():
    assert faults(blocks(missing=0.3).at(slice(-1, None))) == [Fault.MISSING]


def test_repeated_rows_and_a_wrong_clock_are_faults():
    found = of_rows([0.01] * 14 + [0.6], [0.0] * 14 + [1.0], 0.02)

    assert [each.fault for each in found] == [Fault.REPEATED, Fault.CLOCK]


def test_rows_that_repeat_in_training_may_repeat():
    assert of_rows([0.6], [], 0.58) == []
