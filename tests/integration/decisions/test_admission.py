"""Who decides what: each way around the rules is refused by the API server, and says why."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from builders.examples import Manifest, changed
from harness.api import MANAGER, RefusedError
from harness.kubectl import Kubectl
from integration.decisions.conftest import CANDIDATE, REJECTED, STABLE, People
from perennial.api.schema import API_VERSION

pytestmark = pytest.mark.integration

STALE = "d" * 10
REVISIONS = {"Retry": REJECTED, "Override": REJECTED, "Rollback": STABLE}
VERDICTS = ("Promote", "Abort", "Pause", "Resume", "Retry", "Override", "Rollback")
OWNER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "1"}
DRY_RUN = {"dryRun": "All"}


def decision(by: str, verdict: str = "Promote", **changes: object) -> Manifest:
    """Return a Decision about churn; changes replace fields of the spec or of the subject."""
    subject = {
        "kind": "ModelDeployment",
        "name": changes.pop("name", "churn"),
        "revision": changes.pop("revision", REVISIONS.get(verdict, CANDIDATE)),
    }
    metadata = {"generateName": "decision-", **changes.pop("metadata", {})}
    spec = {"subject": subject, "verdict": verdict, "by": by, **changes}
    if verdict == "Rollback":
        spec.setdefault("to", {"version": "churn-0"})
    return {"apiVersion": API_VERSION, "kind": "Decision", "metadata": metadata, "spec": spec}


def create(kubectl: Kubectl, manifest: Manifest, **query: str) -> Manifest:
    path = kubectl.api.resource("Decision").path(kubectl.namespace)
    return kubectl.api.request("POST", path, manifest, query=query)


def decided(people: People, who: str = "alice", verdict: str = "Promote", **changes) -> str:
    """Return the name of a Decision that is stored."""
    made = create(people[who], decision(people.user(who), verdict, **changes))
    return made["metadata"]["name"]


def applied(people: People) -> str:
    """Return the name of a Decision that the operator applied."""
    name = decided(people)
    report(people["operator"], name)
    return name


def report(kubectl: Kubectl, name: str) -> Manifest:
    status = {"observedGeneration": 1, "outcome": "Applied"}
    return kubectl.patch("Decision", name, {"status": status}, "status")


# Creating


class Attempt(NamedTuple):
    """A Decision that must be refused."""

    what: str
    who: str
    manifest: Callable[[People], Manifest]
    says: tuple[str, ...]
    code: int = 403


def own(who: str, verdict: str = "Promote", **changes: object) -> Callable[[People], Manifest]:
    return lambda people: decision(people.user(who), verdict, **dict(changes))


def without(field: str, verdict: str = "Promote") -> Callable[[People], Manifest]:
    def made(people: People) -> Manifest:
        manifest = decision(people.user("alice"), verdict)
        place = manifest["spec"]["subject"] if field == "revision" else manifest["spec"]
        del place[field]
        return manifest

    return made


ATTEMPTS = (
    *(
        Attempt(
            f"{verdict} without the verb",
            "mallory",
            own("mallory", verdict),
            (
                f"mallory@example.com cannot {verdict.lower()} modeldeployments churn",
                f"a role with the verb {verdict.lower()} on modeldeployments is needed",
            ),
        )
        for verdict in VERDICTS
    ),
    *(
        Attempt(
            f"{verdict} with the verb for another verdict",
            "bob",
            own("bob", verdict),
            (f"bob@example.com cannot {verdict.lower()}",),
        )
        for verdict in VERDICTS[1:]
    ),
    Attempt(
        "the verb for another ModelDeployment",
        "carol",
        own("carol"),
        ("carol@example.com cannot promote modeldeployments churn",),
    ),
    Attempt(
        "another name in by",
        "bob",
        own("alice"),
        ("spec.by must be the authenticated user, bob@example.com",),
    ),
    Attempt(
        "no one in particular in by",
        "alice",
        lambda _: decision("admin"),
        ("spec.by must be the authenticated user, alice@example.com",),
    ),
    Attempt(
        "by in capital letters",
        "alice",
        lambda _: decision("Alice@example.com"),
        ("spec.by must be the authenticated user, alice@example.com",),
    ),
    *(
        Attempt(
            f"{verdict} of a stale revision",
            "alice",
            own("alice", verdict, revision=STALE),
            (f"subject.revision: churn now rolls out {CANDIDATE}, not {STALE}",),
            422,
        )
        for verdict in VERDICTS[:4]
    ),
    *(
        Attempt(
            f"{verdict} of a revision that was not rejected",
            "alice",
            own("alice", verdict, revision=CANDIDATE),
            (f"subject.revision: churn has rejected {REJECTED}, not {CANDIDATE}",),
            422,
        )
        for verdict in ("Retry", "Override")
    ),
    Attempt(
        "Rollback of the candidate",
        "alice",
        own("alice", "Rollback", revision=CANDIDATE),
        (f"subject.revision: churn now serves {STABLE}, not {CANDIDATE}",),
        422,
    ),
    Attempt(
        "a candidate where nothing is rolled out",
        "carol",
        own("carol", name="fraud"),
        (
            f"subject.revision: fraud rolls out nothing, not {CANDIDATE}",
            "Check the ModelDeployment",
        ),
        422,
    ),
    Attempt(
        "a rejected revision where none was rejected",
        "carol",
        own("carol", "Retry", name="fraud"),
        (f"subject.revision: fraud has rejected no revision, not {REJECTED}",),
        422,
    ),
    Attempt(
        "the stable revision where nothing is served",
        "carol",
        own("carol", "Rollback", name="fraud"),
        (f"subject.revision: fraud serves no revision yet, not {STABLE}",),
        422,
    ),
    Attempt(
        "a date in the past",
        "alice",
        own("alice", expiresAt="2020-01-01T00:00:00Z"),
        ("spec.expiresAt is in the past: set a later time, or remove it",),
        422,
    ),
    Attempt(
        "a date in the past of another time zone",
        "alice",
        own("alice", expiresAt="2026-01-01T00:00:00+14:00"),
        ("spec.expiresAt is in the past",),
        422,
    ),
    Attempt(
        "a date without a time zone",
        "alice",
        own("alice", expiresAt="2099-01-01T00:00:00"),
        ("spec.expiresAt", "date-time"),
        422,
    ),
    Attempt(
        "an owner",
        "alice",
        own("alice", metadata={"ownerReferences": [OWNER]}),
        ("metadata.ownerReferences must be empty: a Decision is a record",),
        422,
    ),
    Attempt(
        "a ServiceAccount with every verb",
        "robot",
        own("robot"),
        ("a ServiceAccount cannot decide: a person has to create the Decision",),
    ),
    Attempt(
        "the operator's own account", "operator", own("operator"), ("a ServiceAccount cannot",)
    ),
    Attempt(
        "the operator in another name",
        "operator",
        own("alice"),
        ("spec.by must be the authenticated user, system:serviceaccount:",),
    ),
    Attempt(
        "no revision",
        "alice",
        without("revision"),
        ("subject.revision is required: Promote, Abort, Pause and Resume name the revision of",),
        422,
    ),
    Attempt(
        "Rollback to nothing",
        "alice",
        without("to", "Rollback"),
        ("to is required for Rollback: name the ModelVersion to return to in to.version",),
        422,
    ),
    Attempt(
        "a version to return to without Rollback",
        "alice",
        own("alice", to={"version": "churn-0"}),
        ("to belongs to the verdict Rollback: remove to",),
        422,
    ),
    Attempt(
        "an unknown verdict",
        "alice",
        own("alice", "Destroy"),
        ('spec.verdict: Unsupported value: "Destroy"',),
        422,
    ),
    Attempt(
        "a ServiceAccount in another name",
        "robot",
        own("alice"),
        ("spec.by must be the authenticated user, system:serviceaccount:",),
    ),
    Attempt(
        "a subject of another kind",
        "star",
        lambda people: changed(decision(people.user("star")), {"spec.subject.kind": "Model"}),
        ('spec.subject.kind: Unsupported value: "Model"',),
        422,
    ),
    Attempt(
        "a revision by another name",
        "alice",
        own("alice", revision="latest"),
        ("spec.subject.revision", "^[0-9a-f]{10}$"),
        422,
    ),
    Attempt(
        "nobody in by",
        "alice",
        lambda _: decision(""),
        ("spec.by",),
        422,
    ),
)


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.what)
def test_it_is_refused_with_a_clear_message(attempt, people):
    with pytest.raises(RefusedError) as refusal:
        create(people[attempt.who], attempt.manifest(people))
    missing = [words for words in attempt.says if words not in str(refusal.value)]
    assert not missing, str(refusal.value)
    assert refusal.value.code == attempt.code


def test_server_side_apply_is_no_way_around(people):
    forged = decision(people.user("alice"))
    forged["metadata"] = {"name": "applied"}
    with pytest.raises(RefusedError, match=r"spec\.by must be the authenticated user, bob"):
        people["bob"].apply(forged)
    assert people.admin.find("Decision", "applied") is None


@pytest.mark.parametrize("verdict", VERDICTS)
def test_who_has_the_verb_decides(verdict, people):
    name = decided(people, "alice", verdict)
    assert people.admin.get("Decision", name)["spec"]["by"] == "alice@example.com"


@pytest.mark.parametrize(
    ("who", "verdict"), [("bob", "Promote"), ("star", "Override"), ("star", "Rollback")]
)
def test_one_verb_is_enough_and_a_star_is_every_verb(who, verdict, people):
    assert decided(people, who, verdict)


def test_an_administrator_decides_in_their_own_name(people):
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    me = people.admin.api.request("POST", path, review)["status"]["userInfo"]["username"]
    assert create(people.admin, decision(me), **DRY_RUN)
    with pytest.raises(RefusedError, match=r"spec\.by must be the authenticated user"):
        create(people.admin, decision(people.user("alice")), **DRY_RUN)


def test_an_unknown_subject_is_admitted(people):
    assert decided(people, name="nothing")


def test_a_date_to_come_and_a_reason_are_admitted(people):
    assert decided(people, expiresAt="2099-01-01T00:00:00+02:00", reason="all is well")


def test_a_status_in_the_manifest_is_dropped(people):
    made = create(
        people["alice"], {**decision(people.user("alice")), "status": {"outcome": "Applied"}}
    )
    assert "outcome" not in made["status"]


# Changing


@pytest.mark.parametrize(
    "change",
    [
        {"by": "bob@example.com"},
        {"reason": "another one"},
        {"verdict": "Abort"},
        {"subject": {"revision": STALE}},
        {"subject": {"name": "fraud"}},
        {"expiresAt": "2099-01-01T00:00:00Z"},
        {"verdict": "Rollback", "to": {"version": "churn-0"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("who", ["alice", "star"])
def test_a_decision_never_changes(who, change, people):
    name = decided(people)
    with pytest.raises(RefusedError, match="a Decision is immutable: create another one"):
        people[who].patch("Decision", name, {"spec": change})


def test_a_decision_gets_no_owner_later(people):
    name = decided(people)
    with pytest.raises(RefusedError, match="ownerReferences must be empty"):
        people["alice"].patch("Decision", name, {"metadata": {"ownerReferences": [OWNER]}})


def test_a_decision_is_labelled(people):
    labels = {"metadata": {"labels": {"incident": "7"}}}
    assert people["alice"].patch("Decision", decided(people), labels)["metadata"]["labels"]


# The status


@pytest.mark.parametrize("who", ["mallory", "star", "robot"])
def test_only_the_operator_writes_the_status(who, people):
    name = decided(people)
    with pytest.raises(RefusedError, match="only the operator writes the status of a Decision"):
        report(people[who], name)
    assert "outcome" not in people.admin.get("Decision", name)["status"]


def test_not_even_an_administrator_writes_the_status(people):
    with pytest.raises(RefusedError, match="only the operator writes the status of a Decision"):
        report(people.admin, decided(people))


def test_a_replaced_status_is_no_way_around(people):
    star, name = people["star"], decided(people)
    forged = {**star.get("Decision", name), "status": {"outcome": "Applied"}}
    path = star.api.resource("Decision").path(star.namespace, name, "status")
    with pytest.raises(RefusedError, match="only the operator writes the status of a Decision"):
        star.api.request("PUT", path, forged)
    path = star.api.resource("Decision").path(star.namespace, name)
    assert "outcome" not in star.api.request("PUT", path, forged)["status"]


def test_the_operator_applies_server_side_what_became_of_a_decision(people):
    name = decided(people)
    path = people.admin.api.resource("Decision").path(people.namespace, name, "status")
    body = {
        "apiVersion": API_VERSION,
        "kind": "Decision",
        "metadata": {"name": name},
        "status": {"observedGeneration": 1, "outcome": "Applied", "at": "2026-12-01T00:00:00Z"},
    }
    query, kind = {"fieldManager": MANAGER, "force": "true"}, "application/apply-patch+yaml"
    operator = people["operator"].api
    told = operator.request("PATCH", path, body, query=query, content_type=kind)
    assert told["status"]["outcome"] == "Applied"


# Deleting


@pytest.mark.parametrize("who", ["alice", "mallory"])
def test_what_was_applied_stays_on_record(who, people):
    name = applied(people)
    path = people.admin.api.resource("Decision").path(people.namespace, name)
    with pytest.raises(RefusedError, match="an applied Decision is a record: deleting it needs"):
        people[who].api.request("DELETE", path)
    assert people.admin.get("Decision", name)


def test_a_collection_is_no_way_around(people):
    name = applied(people)
    path = people.admin.api.resource("Decision").path(people.namespace)
    with pytest.raises(RefusedError, match="an applied Decision is a record: deleting it needs"):
        people["alice"].api.request("DELETE", path)
    assert people.admin.get("Decision", name)


@pytest.mark.parametrize("who", ["auditor", "star"])
def test_the_verb_purge_removes_what_was_applied(who, people):
    name = applied(people)
    people[who].delete("Decision", name)
    assert people.admin.find("Decision", name) is None


def test_a_pending_decision_can_be_withdrawn(people):
    name = decided(people)
    people["alice"].delete("Decision", name)
    assert people.admin.find("Decision", name) is None


def test_the_table_is_complete():
    assert len({attempt.what for attempt in ATTEMPTS}) == len(ATTEMPTS) >= 40
