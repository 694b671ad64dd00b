"""What Argo CD, Flux, kstatus and `kubectl wait` read in each kind, in states made by the plans."""

from dataclasses import replace

import pytest
import yaml

from builders import dataset, model
from builders import decision as decisions
from builders import rollout_moments as moments
from builders.model_deployment import (
    CRASH,
    acted,
    canary,
    later,
    respecified,
    revision,
    serving,
    with_pods,
)
from builders.rollout_moments import manifest
from doubles.life import Life
from harness import agreement, argocd, flux
from harness.kstatus import kstatus
from harness.kubectl import condition
from perennial.api.kinds import DECISION, MODEL_DEPLOYMENT
from perennial.api.schema import API_VERSION
from perennial.generate import gitops
from perennial.generate.__main__ import ROOT
from perennial.planning.decision.plan import plan as plan_decision


def crashed():
    """Nothing serves, and the deadline has passed."""
    begun = acted(with_pods(moments.starting(), revision(1), 0, CRASH))
    return acted(later(begun, minutes=11))


def unsupported():
    """The number of pods cannot express the step."""
    return acted(respecified(serving(), canary(5, replicas=2, route=None)))


def rejected_by_itself():
    """A version that no user asked for was rejected."""
    return moments.rejected(moments.with_version(moments.judged(), moments.version(2)))


# The table of one status and its readers: Ready Reconciling Stalled Available, kstatus, Argo CD.
ROLLOUTS = {
    "created, not yet visited": (moments.unseen, "- - - -", "InProgress", "Progressing"),
    "first version starting": (moments.starting, "F T - F", "InProgress", "Progressing"),
    "wanted version serves": (moments.settled, "T - - T", "Current", "Healthy"),
    "version promoted": (moments.promoted, "T - - T", "Current", "Healthy"),
    "watched after promotion": (moments.watching, "T - - T", "Current", "Healthy"),
    "canary runs, stable serves": (moments.analyzing, "F T - T", "InProgress", "Progressing"),
    "canary of the operator's own": (moments.arrived, "T - - T", "Current", "Healthy"),
    "paused": (lambda: moments.held("Paused"), "F T - T", "InProgress", "Suspended"),
    "a gate holds": (lambda: moments.held("GateFailed"), "F T - T", "InProgress", "Suspended"),
    "no result": (lambda: moments.held("Inconclusive"), "F T - T", "InProgress", "Suspended"),
    "bad version rolled back": (moments.rejected, "F - T T", "Failed", "Degraded"),
    "its own version rolled back": (rejected_by_itself, "T - - T", "Current", "Healthy"),
    "what the router cannot do": (unsupported, "F - T T", "Failed", "Degraded"),
    "nothing serves, deadline passed": (crashed, "F - T F", "Failed", "Degraded"),
}


@pytest.mark.parametrize("situation", ROLLOUTS)
def test_all_readers_agree_in_every_state_of_a_rollout(situation):
    moment, stated, verdict, health = ROLLOUTS[situation]
    found = manifest(moment())
    kinds = ("Ready", "Reconciling", "Stalled", "Available")
    conditions = {each["type"]: each["status"][0] for each in found["status"].get("conditions", ())}
    assert " ".join(conditions.get(kind, "-") for kind in kinds) == stated
    assert (kstatus(found), flux.verdict(found)) == (verdict, verdict)
    assert argocd.health(found).status == health
    assert health in agreement.HEALTH[verdict]
    assert condition("Ready")(found) == (verdict == "Current"), "kubectl wait"
    assert condition("Stalled")(found) == (verdict == "Failed"), "kubectl wait"
    assert agreement.disagreements(found) == []


def test_a_rejection_that_leaves_git_right_is_stated_all_the_same():
    health = argocd.health(manifest(rejected_by_itself()))
    assert health.status == "Healthy"
    assert health.message.startswith("KnownBad: revision")


# The other kinds


def of_dataset(*happens):
    life = Life()
    life.apply("Dataset", "flights", dataset.spec(time_column="time_hour"))
    return lived(life, ("Dataset", "flights"), happens)


def of_model(*happens):
    life = Life()
    life.apply("Dataset", "flights", dataset.spec(time_column="time_hour"))
    life.apply("Model", "delay", model.spec(limits=(model.at_least("0.8"),)))
    return lived(life, ("Model", "delay"), happens)


def lived(life, name, happens):
    life.settles()
    for each in happens:
        each(life)
        life.settles()
    return life.get(*name)


def of_version(*, is_good):
    life = Life()
    limit = model.at_least("0.7" if is_good else "0.8")
    life.apply("Dataset", "flights", dataset.spec(time_column="time_hour"))
    life.apply("Model", "delay", model.spec(limits=(limit,)))
    lived(life, ("Model", "delay"), (works, works))
    (version,) = life.store.of_kind("ModelVersion", "delays")
    return version


def works(life):
    life.works()


def fails(life):
    life.fails(life.jobs(unfinished=True)[-1]["metadata"]["name"], "SchemaMismatch", in_spec=True)


def of_decision(**observed):
    seen = decisions.observed(**observed)
    dumped = {"mode": "json", "by_alias": True, "exclude_none": True}
    return {
        "apiVersion": API_VERSION,
        "kind": DECISION.name,
        "metadata": {"name": seen.decision.name, "namespace": "team-a", "generation": 1},
        "spec": seen.decision.spec.model_dump(**dumped),
        "status": plan_decision(seen).status.model_dump(**dumped),
    }


PROMOTE = decisions.decision()
TESTDATA = {
    "Dataset": {
        "progressing": of_dataset,
        "healthy": lambda: of_dataset(works),
        "degraded": lambda: of_dataset(fails),
    },
    "Model": {
        "progressing": of_model,
        "degraded": lambda: of_model(works, works),
    },
    "ModelVersion": {
        "healthy": lambda: of_version(is_good=True),
        "degraded": lambda: of_version(is_good=False),
    },
    "ModelDeployment": {
        situation.replace(",", "").replace("'", "").replace(" ", "-"): (
            lambda made=row[0]: manifest(made())
        )
        for situation, row in ROLLOUTS.items()
    },
    "Decision": {
        "progressing": of_decision,
        "healthy": lambda: of_decision(of=PROMOTE, subject=applied()),
        "degraded": lambda: of_decision(is_missing=True),
    },
}


def applied():
    made = decisions.observed().subject
    return replace(made, records=(decisions.record(PROMOTE),))


@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind, states in TESTDATA.items() for state in states]
)
def test_every_kind_is_read_alike(kind, state):
    found = TESTDATA[kind][state]()
    assert found["kind"] == kind
    assert agreement.disagreements(found) == []
    if kind != MODEL_DEPLOYMENT.name:
        assert argocd.health(found).status.lower() == state


# The tests of Argo CD itself: its own runner reads health_test.yaml

UPDATE = "`pytest tests/golden/test_gitops.py --update-golden` writes them anew"
KEPT = ("observedGeneration", "stable", "candidate", "rejected", "outcome", "conditions")


def health_test(kind):
    """Return the files that Argo CD's tests of one kind consist of."""
    folder = ROOT / gitops.CUSTOMIZATIONS / kind
    entries, files = [], {}
    for state, made in TESTDATA[kind].items():
        found, path = short(made()), f"testdata/{state}.yaml"
        health = argocd.health(found)
        expected = {"status": health.status, "message": health.message}
        entries.append({"healthStatus": expected, "inputPath": path})
        files[folder / path] = written(found)
    files[folder / "health_test.yaml"] = written({"tests": entries})
    return files


def short(found):
    """Return a manifest without what differs from run to run, and without its sentences."""
    metadata = {key: found["metadata"][key] for key in ("name", "namespace", "generation")}
    status = {key: found["status"][key] for key in KEPT if key in found["status"]}
    for part in ("conditions", "rejected"):
        if part in status:
            status[part] = [
                {**each, "message": f"the explanation of {each['reason']}"} for each in status[part]
            ]
    of = {key: found[key] for key in ("apiVersion", "kind")}
    return {**of, "metadata": metadata, "status": status}


def written(document):
    return yaml.safe_dump(document, sort_keys=False, width=100)


@pytest.mark.parametrize("kind", TESTDATA)
def test_the_tests_for_argo_cd_are_up_to_date(kind, pytestconfig):
    files = health_test(kind)
    folder = ROOT / gitops.CUSTOMIZATIONS / kind
    if pytestconfig.getoption("--update-golden"):
        (folder / "testdata").mkdir(exist_ok=True)
        for path, text in files.items():
            path.write_text(text)
    present = [*(folder / "testdata").iterdir(), folder / "health_test.yaml"]
    assert {path: path.read_text() for path in present} == files, UPDATE
