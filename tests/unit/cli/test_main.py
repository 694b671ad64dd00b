"""Every verb as a user runs it, with a double of kubectl."""

import json

import pytest
from typer.testing import CliRunner

from builders import rollout_moments as moments
from builders.rollout_moments import manifest
from doubles.kubectl import RecordedKubectl
from perennial.cli.main import app
from perennial.cli.report import Report
from perennial.cli.rollout.history import History

NAME = "flight-delay"
FORBIDDEN = (
    'Error from server (Forbidden): decisions.perennial.dev "x" is forbidden: ValidatingAdmission'
    "Policy 'perennial-decisions' denied request: alice@example.com cannot promote"
)


def ran(recorded, *words):
    return CliRunner().invoke(app, list(words), obj=recorded)


def with_deployment(moment, **fields):
    return RecordedKubectl(manifest(moment()), **fields)


def outcome(outcome, message):
    return {
        "apiVersion": "perennial.dev/v1alpha1",
        "kind": "Decision",
        "metadata": {"name": f"{NAME}-promote-x7k2p", "namespace": "delays"},
        "spec": {},
        "status": {"observedGeneration": 1, "outcome": outcome, "message": message},
    }


def decided(recorded):
    (created,) = recorded.created
    return created["spec"]


@pytest.mark.parametrize(
    ("verb", "moment", "verdict", "revision"),
    [
        ("promote", moments.analyzing, "Promote", moments.CANDIDATE),
        ("abort", moments.analyzing, "Abort", moments.CANDIDATE),
        ("pause", moments.analyzing, "Pause", moments.CANDIDATE),
        ("resume", moments.analyzing, "Resume", moments.CANDIDATE),
        ("retry", moments.rejected, "Retry", moments.CANDIDATE),
        ("undo", moments.promoted, "Rollback", moments.CANDIDATE),
    ],
)
def test_a_verb_fills_in_the_revision_and_the_user(verb, moment, verdict, revision):
    recorded = with_deployment(moment)
    done = ran(recorded, "rollout", verb, NAME, "--no-wait", "--reason", "the numbers are clear")
    assert done.exit_code == 0, done.output
    to = {"to": {"version": "flight-delay-v1"}} if verb == "undo" else {}
    assert decided(recorded) == {
        "subject": {"kind": "ModelDeployment", "name": NAME, "revision": revision},
        "verdict": verdict,
        "by": "alice@example.com",
        "reason": "the numbers are clear",
        **to,
    }
    assert (
        f"{NAME}-{verdict.lower()}-x7k2p created: {verdict} of revision {revision}" in done.output
    )


def test_the_outcome_is_awaited():
    recorded = with_deployment(moments.analyzing)
    recorded.later = [manifest(moments.analyzing()), outcome("Applied", "all traffic moves")]
    done = ran(recorded, "rollout", "promote", NAME)
    assert done.exit_code == 0
    assert done.output.splitlines()[-1] == "Applied: all traffic moves"


def test_a_refusal_is_an_error():
    recorded = with_deployment(moments.analyzing)
    recorded.later = [manifest(moments.analyzing()), outcome("Refused", "overruled by Abort")]
    done = ran(recorded, "rollout", "promote", NAME)
    assert done.exit_code == 1
    assert done.stderr == "error: Refused: overruled by Abort\n"


def test_no_outcome_in_time_is_an_error_that_names_the_decision():
    done = ran(with_deployment(moments.analyzing), "rollout", "abort", NAME)
    assert done.exit_code == 1
    assert "Decision flight-delay-abort-x7k2p has no outcome after 60s" in done.stderr
    assert "the operator has not read it yet" in done.stderr


def test_what_the_api_server_refuses_is_quoted():
    recorded = with_deployment(moments.analyzing)
    recorded.refusal = FORBIDDEN
    done = ran(recorded, "rollout", "promote", NAME)
    assert done.exit_code == 1
    assert done.stderr == f"error: {FORBIDDEN}\n"


@pytest.mark.parametrize(
    ("words", "moment", "message"),
    [
        (
            ("promote",),
            moments.settled,
            "flight-delay rolls out nothing: flight-delay-v1 has all traffic",
        ),
        (("pause",), moments.unseen, "flight-delay rolls out nothing: no revision serves yet"),
        (("retry",), moments.settled, "flight-delay has rejected no revision"),
        (
            ("retry", "--revision=aaaaaaaaaa"),
            moments.rejected,
            "flight-delay has not rejected aaaaaaaaaa: it has rejected f448f3f2c5 (flight-",
        ),
        (
            ("undo",),
            moments.settled,
            "flight-delay has no former revision: name the version to return to with --to",
        ),
        (
            ("undo",),
            moments.unseen,
            "flight-delay serves no revision yet: there is nothing to return from",
        ),
        (
            ("undo", "--to", "Flight_1"),
            moments.settled,
            "version: String should match pattern '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'",
        ),
        (("abort", "--reason", "x" * 1025), moments.analyzing, "reason: String should have at"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_created(words, moment, message):
    recorded = with_deployment(moment)
    done = ran(recorded, "rollout", words[0], NAME, *words[1:])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"error: {message}")
    assert recorded.created == []


@pytest.mark.parametrize(
    "words",
    [("status",), *(("rollout", verb) for verb in ("status", "history", "promote", "undo"))],
)
def test_an_unknown_name_is_an_error_with_the_namespace(words):
    done = ran(RecordedKubectl(), *words, "churn", "-n", "delays")
    assert done.exit_code == 1
    assert "there is no ModelDeployment churn in namespace delays" in done.stderr


def test_the_status_of_a_newer_operator_is_an_error_that_names_the_field():
    newer = manifest(moments.analyzing())
    newer["status"]["rollout"]["stage"] = "Levitating"
    done = ran(RecordedKubectl(newer), "status", NAME)
    assert done.exit_code == 1
    assert "cannot read .status.rollout.stage of ModelDeployment flight-delay" in done.stderr


def test_the_status_as_json_has_every_field_of_the_report():
    done = ran(with_deployment(moments.analyzing), "status", NAME, "-o", "json")
    found = json.loads(done.stdout)
    assert list(found) == [
        *("name", "namespace", "url", "state", "message", "paused", "strategy"),
        *("stable", "candidate", "former", "rollout", "rejected", "decisions"),
        *("conditions", "events"),
    ]
    assert found["former"] is None
    assert found["rollout"]["gates"][0]["timeLeft"] == "4m"
    assert Report.model_validate(found)


def test_the_status_as_a_table_reads_the_events_of_this_object_alone():
    recorded = with_deployment(moments.settled)
    assert ran(recorded, "status", NAME).exit_code == 0
    assert "--field-selector=involvedObject.uid=uid-deployment" in recorded.commands[-1]


def test_waiting_ends_when_the_rollout_is_done():
    recorded = with_deployment(moments.analyzing)
    recorded.later = [manifest(moments.analyzing()), manifest(moments.promoted())]
    done = ran(recorded, "rollout", "status", NAME)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 2, "a line that has not changed is not repeated"
    assert lines[0].startswith("flight-delay-v2 (f448f3f2c5) has 25 % of the traffic")
    assert lines[1] == "flight-delay-v2 (f448f3f2c5) has all traffic"


def test_waiting_ends_with_an_error_when_the_revision_is_rejected():
    recorded = with_deployment(moments.analyzing)
    recorded.later = [manifest(moments.rejected())]
    done = ran(recorded, "rollout", "status", NAME)
    assert done.exit_code == 1
    assert done.stderr.startswith("error: KnownBad: revision f448f3f2c5")


def test_waiting_ends_with_an_error_at_the_timeout(clock):
    done = ran(with_deployment(moments.analyzing), "rollout", "status", NAME, "--timeout=5m")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: timed out after 300s: flight-delay-v2")
    assert clock.now == 300


def test_without_watching_the_state_is_printed_once():
    recorded = with_deployment(moments.analyzing)
    assert ran(recorded, "rollout", "status", NAME, "--no-watch").exit_code == 0
    assert len(recorded.commands) == 1


def test_the_history_is_one_table_newest_first():
    done = ran(with_deployment(moments.promoted), "rollout", "history", NAME)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["AGE", "WHAT", "REVISION", "VERSION", "AND", "REASON"]
    assert [line.split()[1:] for line in lines[1:]] == [
        ["RolledOut", "f448f3f2c5", "flight-delay-v2"],
        ["RolledOut", "6d203801e7", "flight-delay-v1"],
    ]


def test_the_history_as_json_has_rejections_with_their_evidence():
    done = ran(with_deployment(moments.rejected), "rollout", "history", NAME, "-o", "json")
    found = History.model_validate_json(done.stdout)
    assert "3.4 times stable's rate" in found.rejected[0].message


@pytest.mark.parametrize("words", [(), ("rollout",)])
def test_a_group_without_a_verb_shows_its_help(words):
    assert "Usage: " in ran(RecordedKubectl(), *words).output


@pytest.mark.parametrize("given", ["1", "5x", "m", "-1s", "1h 5m"])
def test_a_duration_that_kubectl_would_not_read_is_refused(given):
    done = ran(RecordedKubectl(), "rollout", "status", NAME, f"--timeout={given}")
    assert done.exit_code == 2
    assert "write a duration such as 90s, 5m or 1h30m" in done.output
