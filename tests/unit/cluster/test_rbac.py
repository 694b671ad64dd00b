from typing import get_args

from perennial.api.rollout_status import DecisionVerdict
from perennial.api.schema import GROUP
from perennial.cluster.rbac import LEADER_RULES, RECORD, RULES
from perennial.cluster.resources import OWN, RESOURCES, WATCHABLE


def verbs(kind, subresource=""):
    resource = RESOURCES[kind]
    name = resource.plural + (f"/{subresource}" if subresource else "")
    return {
        verb
        for rule in RULES
        if resource.group in rule.api_groups and name in rule.resources
        for verb in rule.verbs
    }


def test_every_watched_kind_may_be_listed_and_watched():
    assert all({"get", "list", "watch"} <= verbs(kind) for kind in WATCHABLE)


def test_every_status_may_be_written_and_no_spec_of_a_user():
    assert all(verbs(kind, "status") == {"patch"} for kind in OWN)
    for kind in ("Dataset", "Model", "ModelDeployment"):
        assert verbs(kind) == {"get", "list", "watch"}


def test_the_operator_decides_nothing():
    assert verbs("Decision") == {"get", "list", "watch", "create", RECORD}
    held = {verb for rule in RULES for verb in rule.verbs}
    assert not held & {verdict.lower() for verdict in get_args(DecisionVerdict)}


def test_no_rule_is_a_wildcard_and_a_secret_is_created_but_never_read():
    entries = [
        entry
        for rule in (*RULES, *LEADER_RULES)
        for entry in (*rule.api_groups, *rule.resources, *rule.verbs)
    ]
    assert "*" not in entries
    assert verbs("Secret") == {"create"}
    assert "approve" not in entries


def test_a_rule_is_rendered_as_roles_spell_it():
    assert LEADER_RULES[0].manifest() == {
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": ["get", "create", "update"],
    }
    assert GROUP in RULES[0].manifest()["apiGroups"]
