"""The screen of `kubectl perennial status`, 80 columns wide and without colours."""

import io
from dataclasses import replace

from rich.console import Console

from builders import rollout_moments as moments
from builders.decision import ALICE, decision, record
from builders.rollout_moments import manifest
from harness.paths import ROOT
from perennial.cli.read import newest, parsed
from perennial.cli.report import report
from perennial.cli.screen import screen

EVENTS = newest(
    [
        {
            "metadata": {"creationTimestamp": "2026-03-01T13:00:00Z"},
            "type": "Warning",
            "reason": "Rejected",
            "message": "flight-delay-v2 is rejected at 25 % of the traffic",
            "count": 2,
        }
    ]
)


def drawn(observed, events=(), width=80, **changed):
    """Return the screen line by line, without the spaces at the ends."""
    found = report(parsed(manifest(observed)), events).model_copy(update=changed)
    text = io.StringIO()
    console = Console(file=text, width=width, highlight=False)
    for section in screen(found, observed.now):
        console.print(section)
    lines = [line.rstrip() for line in text.getvalue().splitlines()]
    assert max(map(len, lines)) <= width
    return "\n".join(lines)


def restated(observed, reason, message):
    """Return the same with another message in the conditions of a reason."""
    conditions = tuple(
        each.model_copy(update={"message": message}) if each.reason == reason else each
        for each in observed.status.conditions
    )
    return replace(observed, status=observed.status.model_copy(update={"conditions": conditions}))


def test_in_the_middle_of_a_step():
    assert drawn(moments.analyzing()) == ANALYZING


ANALYZING = """\
ModelDeployment delays/flight-delay
http://flight-delay.delays.svc
InProgress: flight-delay-v2 (f448f3f2c5) has 25 % of the traffic, step 1 of 3,
Analyzing, gates: errors Inconclusive, predictions TooFewSamples

ROLE       WEIGHT  READY  SINCE  REVISION    VERSION
stable     75 %    4/4    63m    6d203801e7  flight-delay-v1
candidate  25 %    1/1    3m     f448f3f2c5  flight-delay-v2

Canary, step 1 of 3 (25 % 50 % 100 %): flight-delay-v2 is to have 25 % of the
traffic, Analyzing for 3m, started 3m ago

GATE         OUTCOME        NUMBER (INTERVAL)          LIMIT  SAMPLES  LEFT
errors       Inconclusive   1.12 times (0.61 to 1.98)  1.5    412/500  4m
latency      Passed         0.0104 (0.002 to 0.0181)   0.02   412/500  -
predictions  TooFewSamples  -                          0.25   17/500   12m
  errors (if it fails: Rollback): 1.12 times stable's rate of failed requests,
  at most 1.98; the limit is 1.5
  predictions (if it fails: Hold): 17 of at least 500 samples

CONDITION    STATUS  AGE  REASON AND MESSAGE
Available    True    63m  Serving: flight-delay-v1 answers
Ready        False   3m   Analyzing: flight-delay-v2 has 25 % of the traffic;
                          gate errors Inconclusive: 1.12 times stable's rate of
                          failed requests, at most 1.98; the limit is 1.5; gate
                          predictions TooFewSamples: 17 of at least 500 samples
Reconciling  True    3m   Analyzing"""


def test_the_page_shows_this_screen():
    page = (ROOT / "docs/kubectl-plugin.md").read_text()
    assert ANALYZING.partition("\n\nCONDITION")[0] in page


def test_after_a_rejection():
    assert drawn(restated(moments.rejected(), "KnownBad", "it was rejected"), EVENTS) == REJECTED


REJECTED = """\
ModelDeployment delays/flight-delay
http://flight-delay.delays.svc
Failed: KnownBad: it was rejected

ROLE    WEIGHT  READY  SINCE  REVISION    VERSION
stable  100 %   4/4    68m    6d203801e7  flight-delay-v1

Rejected 5m ago: flight-delay-v2 (f448f3f2c5), GateFailed
  at 25 % of the traffic: gate errors: 3.4 times stable's rate of failed
  requests, with certainty more than 1

CONDITION  STATUS  AGE  REASON AND MESSAGE
Available  True    68m  Serving: flight-delay-v1 answers
Ready      False   8m   KnownBad
Stalled    True    0s   KnownBad

AGE  EVENT    SEEN  REASON AND MESSAGE
8m   Warning  2x    Rejected: flight-delay-v2 is rejected at 25 % of the traffic"""


def test_settled():
    assert drawn(moments.promoted()) == PROMOTED


PROMOTED = """\
ModelDeployment delays/flight-delay
http://flight-delay.delays.svc
Done: flight-delay-v2 (f448f3f2c5) has all traffic

ROLE    WEIGHT  READY  SINCE  REVISION    VERSION
stable  100 %   4/4    0s     f448f3f2c5  flight-delay-v2
former  0 %     4/4    0s     6d203801e7  flight-delay-v1

CONDITION  STATUS  AGE  REASON AND MESSAGE
Available  True    71m  Serving: flight-delay-v2 answers
Ready      True    0s   Serving: flight-delay-v2: 4 of 4 pods are ready"""


def test_a_watch_shows_its_gates():
    text = drawn(moments.watching())
    assert "\nWatch of flight-delay-v2 for 5m of 1h\n\nGATE " in text
    assert "\nformer  0 %     4/4 " in text


def test_one_that_no_operator_has_seen():
    assert drawn(moments.unseen()) == (
        "ModelDeployment delays/flight-delay\n"
        "InProgress: waiting for the operator to read the new spec"
    )


def test_decisions_name_their_author():
    decided = record(decision("Promote"), message="all traffic moves")
    assert f"Applied  Promote by {ALICE}: all traffic moves" in drawn(
        moments.settled(), decisions=(decided,)
    )


def test_a_paused_spec_is_stated():
    assert "InProgress (spec.paused is true): " in drawn(moments.held("Paused"))


def test_long_names_are_wrapped_and_not_cut_off():
    stable = moments.settled().status.stable
    long = stable.model_copy(update={"version": "a" * 36 + "-12345678"})
    text = drawn(moments.settled(), width=60, stable=long)
    assert text.count("a") >= 36
    assert "…" not in text


def test_brackets_in_a_message_are_printed_as_they_are():
    stated = moments.settled().status.conditions[0]
    text = drawn(
        moments.settled(), conditions=(stated.model_copy(update={"message": "[red]x[/] [0, 1]"}),)
    )
    assert "[red]x[/] [0, 1]" in text
