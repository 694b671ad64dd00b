from datetime import timedelta

import pytest

from builders.snapshot import NOON, column, contract
from perennial.api.column_type import ColumnType
from perennial.api.gate import Outcome
from perennial.jobs.snapshot.quality.checks import Evidence, judge, sentence
from perennial.jobs.snapshot.quality.personal_data import PersonalDataMatch
from perennial.jobs.snapshot.quality.tallies import ColumnTally, Violations


def tally(name="delay", kind="Number", rows=1000, *, stated=True, **counts):
    limits = {key: counts.pop(key) for key in [*counts] if key in LIMITS}
    kept = ColumnTally(name, ColumnType(kind), column(name, kind, **limits) if stated else None)
    kept.rows = rows
    for count, value in counts.items():
        setattr(kept, count, value)
    return kept


LIMITS = ("nullable", "minimum", "maximum", "maxMissing", "allowedValues")


def report(*tallies, quality=None, now=NOON, **facts):
    evidence = {
        "contract": contract(timeColumn="time", quality=quality or {}),
        "tallies": {one.name: one for one in tallies},
        "rows": 1000,
        "repeats": 0,
        "newest": NOON,
        "forbidden": (),
        "personal_data": (),
        "now": now,
    }
    return judge(Evidence(**(evidence | facts)))


def failure(*tallies, **facts):
    """Return the one check that failed, as a sentence."""
    found = report(*tallies, **facts)
    assert found.outcome is Outcome.FAILED
    (check,) = found.checks
    return sentence(check)


def test_rows_that_break_no_rule_pass():
    found = report(tally(maxMissing="0.05", missing=50, minimum="0", maximum="9"))
    assert found.outcome is Outcome.PASSED
    assert found.passed == 4
    assert found.checks == ()


def test_what_nobody_stated_is_not_checked():
    assert report(tally(stated=False, missing=1000, unreadable=Violations(3, "x"))).passed == 0


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            tally(maxMissing="0.05", missing=72),
            "delay: 7.2 % missing, at most 5 % allowed",
        ),
        (
            tally(maxMissing="0.05", missing=50_001, rows=1_000_000),
            "delay: 5.0001 % missing, at most 5 % allowed",
        ),
        (tally(nullable=False, missing=1), "delay: 0.1 % missing, none allowed"),
        (
            tally(unreadable=Violations(3, "'aaa' in row 7 of a.csv")),
            "delay: 3 values not of type Number, the first 'aaa' in row 7 of a.csv, none allowed",
        ),
        (
            tally(minimum="-120", below=Violations(2, "in row 3 of a"), smallest=-140),
            "delay: smallest -140, 2 values below, the first in row 3 of a, at least -120 allowed",
        ),
        (
            tally(maximum="10", above=Violations(1, "in row 3 of a.csv"), largest=11),
            "delay: largest 11, 1 value above, the first in row 3 of a.csv, at most 10 allowed",
        ),
        (
            tally(
                "carrier",
                "Category",
                allowedValues=["UA", "AA"],
                foreign=Violations(4, "'ZZ' in row 3 of a.csv"),
            ),
            "carrier: 4 values not named, the first 'ZZ' in row 3 of a.csv, only UA, AA allowed",
        ),
    ],
)
def test_a_broken_rule_of_a_column_names_it_with_what_was_found_and_what_is_allowed(found, words):
    assert failure(found) == words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"quality": {"minRows": 20000}}, "1,000 rows, at least 20000 allowed"),
        (
            {"quality": {"maxAge": "48h"}, "now": NOON + timedelta(hours=60)},
            "the newest row is 60h old, at most 48h allowed",
        ),
        (
            {"quality": {"maxAge": "48h"}, "now": NOON + timedelta(hours=48, seconds=1)},
            "the newest row is 48.1h old, at most 48h allowed",
        ),
        (
            {"quality": {"maxAge": "48h"}, "newest": None},
            "no row has a time, at most 48h allowed",
        ),
        (
            {"quality": {"uniqueKey": ["time", "flight"]}, "repeats": 4},
            "0.4 % of the rows repeat another in time, flight, none allowed",
        ),
        (
            {"quality": {"maxDuplicates": "0.001"}, "repeats": 4},
            "0.4 % of the rows repeat another, at most 0.1 % allowed",
        ),
        (
            {"quality": {"forbiddenColumns": ["name"]}, "forbidden": ("name",)},
            "name: in the source, none allowed",
        ),
        (
            {
                "quality": {"personalData": "Forbid"},
                "personal_data": (PersonalDataMatch("remark", "e-mail addresses", 1200),),
            },
            "remark: e-mail addresses in 1,200 values, none allowed",
        ),
    ],
)
def test_a_broken_rule_of_the_whole_says_what_was_found_and_what_is_allowed(facts, words):
    assert failure(**facts) == words


@pytest.mark.parametrize(
    "facts",
    [
        {"quality": {"minRows": 1000}},
        {"quality": {"maxAge": "48h"}, "now": NOON + timedelta(hours=48)},
        {"quality": {"maxDuplicates": "0.004"}, "repeats": 4},
        {"quality": {"uniqueKey": ["time"], "maxDuplicates": "0.004"}, "repeats": 4},
        {"quality": {"forbiddenColumns": ["name"]}},
        {"quality": {"personalData": "Forbid"}},
    ],
)
def test_a_limit_that_is_just_kept_passes(facts):
    assert report(**facts).outcome is Outcome.PASSED
    assert report(**facts).passed == 1


def test_personal_data_may_only_warn():
    found = (PersonalDataMatch("remark", "telephone numbers", 1),)
    warned = report(quality={"personalData": "Warn", "minRows": 1}, personal_data=found)
    assert warned.outcome is Outcome.WARNED
    assert [check.name for check in warned.checks] == ["PersonalData"]
    ignored = report(quality={"personalData": "Ignore"}, personal_data=found)
    assert ignored.checks == ()


def test_the_worst_findings_come_first_and_not_all_of_them_fit():
    tallies = [tally(f"c{number}", nullable=False, missing=1) for number in range(40)]
    found = report(
        *tallies,
        quality={"personalData": "Warn"},
        personal_data=(PersonalDataMatch("remark", "telephone numbers", 1),),
    )
    assert len(found.checks) == 32
    assert {check.outcome for check in found.checks} == {Outcome.FAILED}


def test_a_long_list_of_allowed_values_is_cut():
    values = [f"value-{number}" for number in range(100)]
    found = report(
        tally("carrier", "Category", allowedValues=values, foreign=Violations(1, "in row 1 of a"))
    )
    assert len(found.checks[0].limit) == 256
