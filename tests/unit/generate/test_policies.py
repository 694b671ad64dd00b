from typing import get_args

import pytest
import yaml

from perennial.api.decision import DecisionSpec
from perennial.api.rollout_status import DecisionVerdict
from perennial.cluster.admission import NOT_THE_AUTHOR
from perennial.cluster.rbac import RECORD, RULES
from perennial.generate import __main__ as generate
from perennial.generate.policies import AUTHOR, DELETION, POLICIES, PURGE, REVISION, STATUS

TEMPLATE = generate.policies_in_chart()[generate.CHART / "decision-policies.yaml"]


def rendered():
    """The template without its actions, for a release named x."""
    named = TEMPLATE.replace('{{ include "perennial.name" . }}', "x")
    plain = "\n".join(line for line in named.splitlines() if "{{" not in line)
    without = plain.replace(
        "  matchResources:\n    namespaceSelector:\n      matchExpressions:\n"
        "        - key: kubernetes.io/metadata.name\n          operator: In\n          values:\n",
        "",
    )
    return [each for each in yaml.safe_load_all(without) if each]


def test_every_policy_is_bound_once():
    made = [(each["kind"], each["metadata"]["name"]) for each in rendered()]
    kind = "ValidatingAdmissionPolicy"
    assert made == [
        (of, f"x-{policy.name}") for policy in POLICIES for of in (kind, f"{kind}Binding")
    ]
    bindings = [each["spec"] for each in rendered() if each["kind"].endswith("Binding")]
    assert [each["policyName"] for each in bindings] == [f"x-{policy.name}" for policy in POLICIES]
    assert all(each["validationActions"] == ["Deny"] for each in bindings)


def test_the_template_says_what_the_policies_say():
    specs = [each["spec"] for each in rendered() if not each["kind"].endswith("Binding")]
    assert specs == [policy.spec() for policy in POLICIES]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_policy_that_cannot_be_evaluated_refuses(policy):
    assert policy.spec()["failurePolicy"] == "Fail"


def test_a_namespace_without_deployments_can_decide():
    assert REVISION.binding()["paramRef"]["parameterNotFoundAction"] == "Allow"


def test_every_verdict_is_compared_with_one_revision():
    compared = " ".join(each.expression for each in REVISION.validations)
    assert all(compared.count(f"'{verdict}'") == 1 for verdict in get_args(DecisionVerdict))


def test_every_kind_of_a_subject_has_its_resource():
    kinds = get_args(
        DecisionSpec.model_fields["subject"].annotation.model_fields["kind"].annotation
    )
    assert all(f"'{kind}': " in AUTHOR.variables["resource"] for kind in kinds)


def test_the_first_rule_is_the_one_that_the_operator_tries():
    assert NOT_THE_AUTHOR in AUTHOR.validations[0].message


def test_the_verbs_of_the_policies_are_the_operators_or_nobodys():
    held = {verb for rule in RULES if "decisions" in rule.resources for verb in rule.verbs}
    assert f"check('{RECORD}')" in STATUS.validations[0].expression
    assert RECORD in held
    assert f"check('{PURGE}')" in DELETION.validations[0].expression
    assert PURGE not in held
