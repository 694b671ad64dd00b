"""Argo CD and Flux have a script or an expression for each kind; actions create Decisions."""

import pytest
import yaml

from builders import rollout_moments as moments
from builders.rollout_moments import manifest
from harness import argocd
from perennial.api.decision import DecisionSpec
from perennial.api.kinds import DECISION, KINDS
from perennial.api.schema import API_VERSION
from perennial.generate import gitops
from perennial.generate.__main__ import ROOT


def test_every_kind_has_a_script_an_expression_and_a_test():
    names = {kind.name for kind in KINDS}
    assert {folder.name for folder in (ROOT / gitops.CUSTOMIZATIONS).iterdir()} == names
    written = yaml.safe_load((ROOT / gitops.FLUX).read_text())["spec"]["healthCheckExprs"]
    assert {each["kind"] for each in written} == names


@pytest.mark.parametrize(
    ("moment", "enabled"),
    [
        (moments.unseen, set()),
        (moments.settled, set()),
        (moments.analyzing, {"promote", "abort", "pause", "resume"}),
        (moments.rejected, {"retry"}),
    ],
    ids=["unseen", "settled", "analyzing", "rejected"],
)
def test_only_actions_that_make_sense_can_be_chosen(moment, enabled):
    found = argocd.actions(manifest(moment()))
    assert set(found) == {action.name for action in gitops.ACTIONS}
    assert {name for name, is_enabled in found.items() if is_enabled} == enabled


@pytest.mark.parametrize("action", gitops.ACTIONS, ids=lambda action: action.name)
def test_an_action_creates_the_decision_of_its_name(action):
    moment = moments.rejected if action.of == "rejected" else moments.analyzing
    (operation,) = argocd.act(action.name, manifest(moment()))
    decision = operation["resource"]
    assert operation["operation"] == "create"
    assert (decision["apiVersion"], decision["kind"]) == (API_VERSION, "Decision")
    assert decision["metadata"]["namespace"] == "delays"
    assert decision["metadata"]["name"].startswith(f"flight-delay-{action.name}-2")
    longest = len(decision["metadata"]["name"]) - len("flight-delay") + 36
    assert longest <= DECISION.longest_name
    spec = DecisionSpec.model_validate(decision["spec"])
    assert (spec.verdict, spec.by) == (action.verdict, gitops.USER)
    assert spec.subject.revision == moments.CANDIDATE


@pytest.mark.parametrize("action", gitops.ACTIONS, ids=lambda action: action.name)
def test_an_action_that_makes_no_sense_creates_nothing(action):
    with pytest.raises(Exception, match=r"no candidate|no revision was rejected"):
        argocd.act(action.name, manifest(moments.settled()))


def test_the_config_map_holds_the_very_same_scripts():
    data = yaml.safe_load((ROOT / gitops.CONFIG_MAP).read_text())["data"]
    for kind in KINDS:
        script = ROOT / gitops.CUSTOMIZATIONS / kind.name / "health.lua"
        assert data[f"resource.customizations.health.perennial.dev_{kind.name}"] == (
            script.read_text()
        )
    actions = yaml.safe_load(data["resource.customizations.actions.perennial.dev_ModelDeployment"])
    folder = ROOT / gitops.CUSTOMIZATIONS / "ModelDeployment/actions"
    assert actions["discovery.lua"] == (folder / "discovery.lua").read_text()
    assert {each["name"]: each["action.lua"] for each in actions["definitions"]} == {
        action.name: (folder / action.name / "action.lua").read_text() for action in gitops.ACTIONS
    }
