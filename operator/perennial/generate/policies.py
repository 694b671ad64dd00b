"""The admission policies of Decisions, as ValidatingAdmissionPolicies with their bindings."""

from dataclasses import dataclass, field
from typing import Final, Literal

from perennial.api.decision import OF_CANDIDATE, OF_REJECTED, OF_STABLE
from perennial.api.kinds import DECISION, MODEL_DEPLOYMENT
from perennial.api.schema import API_VERSION, GROUP
from perennial.cluster.admission import NOT_THE_AUTHOR
from perennial.cluster.rbac import RECORD
from perennial.generate.crd import Schema

PURGE: Final = "purge"
"""The verb on Decisions that lets a user delete one that was applied."""

Operation = Literal["CREATE", "UPDATE", "DELETE"]

_SERVICE_ACCOUNT: Final = "request.userInfo.username.startsWith('system:serviceaccount:')"
_DECISIONS: Final = (
    f"authorizer.group('{GROUP}').resource('{DECISION.plural}').namespace(request.namespace)"
)
_SUBJECT: Final = (
    f"authorizer.group('{GROUP}').resource(variables.resource).namespace(request.namespace)"
    ".name(object.spec.subject.name)"
)


@dataclass(frozen=True, slots=True)
class Validation:
    """A CEL expression that must be true, and the CEL expression of its message."""

    expression: str
    message: str
    reason: Literal["Forbidden", "Invalid"]


@dataclass(frozen=True, slots=True)
class Policy:
    """One ValidatingAdmissionPolicy and the spec of its binding."""

    name: str
    """What follows the name of the release in the names of both."""
    operations: tuple[Operation, ...]
    resource: str
    validations: tuple[Validation, ...]
    variables: dict[str, str] = field(default_factory=dict)
    param_kind: str | None = None
    """A kind of this group; the policy is evaluated for each of its objects in the namespace."""

    def spec(self) -> Schema:
        """Return the spec of the policy."""
        rule = {
            "apiGroups": [GROUP],
            "apiVersions": ["*"],
            "operations": list(self.operations),
            "resources": [self.resource],
        }
        spec: Schema = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]}}
        if self.param_kind:
            spec["paramKind"] = {"apiVersion": API_VERSION, "kind": self.param_kind}
        if self.variables:
            spec["variables"] = [
                {"name": name, "expression": expression}
                for name, expression in self.variables.items()
            ]
        spec["validations"] = [
            {
                "expression": each.expression,
                "messageExpression": each.message,
                "reason": each.reason,
            }
            for each in self.validations
        ]
        return spec

    def binding(self) -> Schema:
        """Return the spec of the binding, without the name of the policy."""
        spec: Schema = {"validationActions": ["Deny"]}
        if self.param_kind:
            # With Deny, no user could decide anything in a namespace without such an object.
            spec["paramRef"] = {"selector": {}, "parameterNotFoundAction": "Allow"}
        return spec


AUTHOR: Final = Policy(
    name="decisions",
    operations=("CREATE",),
    resource=DECISION.plural,
    variables={
        "resource": f"{{'{MODEL_DEPLOYMENT.name}': '{MODEL_DEPLOYMENT.plural}'}}"
        "[object.spec.subject.kind]",
        "verb": "object.spec.verdict.lowerAscii()",
    },
    validations=(
        Validation(
            "object.spec.by == request.userInfo.username",
            f"'{NOT_THE_AUTHOR}, ' + request.userInfo.username",
            "Forbidden",
        ),
        Validation(
            f"!{_SERVICE_ACCOUNT}",
            "'a ServiceAccount cannot decide: a person has to create the Decision'",
            "Forbidden",
        ),
        Validation(
            f"{_SUBJECT}.check(variables.verb).allowed()",
            "request.userInfo.username + ' cannot ' + variables.verb + ' ' + variables.resource + "
            "' ' + object.spec.subject.name + ': a role with the verb ' + variables.verb + "
            "' on ' + variables.resource + ' is needed in namespace ' + request.namespace",
            "Forbidden",
        ),
        Validation(
            "!has(object.spec.expiresAt) || "
            "timestamp(object.spec.expiresAt) > timestamp(object.metadata.creationTimestamp)",
            "'spec.expiresAt is in the past: set a later time, or remove it'",
            "Invalid",
        ),
    ),
)
"""Who decides: a person, in their own name, who holds the verb on the subject."""


def _one_of(verdicts: tuple[str, ...]) -> str:
    return f"object.spec.verdict in {list(verdicts)}"


def _instead(actual: str, otherwise: str) -> str:
    """Return the message: what is so, or that there is nothing, and the revision that was named."""
    return (
        f"'subject.revision: ' + params.metadata.name + ({actual}) + ', not ' + variables.named"
        f" + '{otherwise}'"
    )


_CURRENT: Final = ". Check the ModelDeployment, and create the Decision again if it still holds"

REVISION: Final = Policy(
    name="decision-revisions",
    operations=("CREATE",),
    resource=DECISION.plural,
    param_kind=MODEL_DEPLOYMENT.name,
    variables={
        "other": "params.metadata.name != object.spec.subject.name",
        "named": "object.spec.subject.?revision.orValue('')",
        "candidate": "params.?status.?candidate.?revision.orValue('')",
        "stable": "params.?status.?stable.?revision.orValue('')",
        "rejected": "params.?status.?rejected.orValue([]).map(each, each.revision)",
    },
    validations=(
        Validation(
            f"variables.other || !({_one_of(OF_CANDIDATE)}) || "
            "variables.named == variables.candidate",
            _instead(
                "variables.candidate == '' ? ' rolls out nothing' : "
                "' now rolls out ' + variables.candidate",
                _CURRENT,
            ),
            "Invalid",
        ),
        Validation(
            f"variables.other || !({_one_of(OF_REJECTED)}) || "
            "variables.named in variables.rejected",
            _instead(
                "variables.rejected.size() == 0 ? ' has rejected no revision' : "
                "' has rejected ' + variables.rejected.join(', ')",
                _CURRENT,
            ),
            "Invalid",
        ),
        Validation(
            f"variables.other || !({_one_of(OF_STABLE)}) || variables.named == variables.stable",
            _instead(
                "variables.stable == '' ? ' serves no revision yet' : "
                "' now serves ' + variables.stable",
                _CURRENT,
            ),
            "Invalid",
        ),
    ),
)
"""What is decided about: a revision that was replaced since is refused."""

OWNER: Final = Policy(
    name="decision-owners",
    operations=("CREATE", "UPDATE"),
    resource=DECISION.plural,
    validations=(
        Validation(
            "!has(object.metadata.ownerReferences) || object.metadata.ownerReferences.size() == 0",
            "'metadata.ownerReferences must be empty: a Decision is a record, and the garbage "
            "collector would delete it'",
            "Invalid",
        ),
    ),
)
"""A Decision stays when another object goes."""

DELETION: Final = Policy(
    name="decision-deletions",
    operations=("DELETE",),
    resource=DECISION.plural,
    validations=(
        Validation(
            "oldObject.?status.?outcome.orValue('') != 'Applied' || "
            "namespaceObject.?status.?phase.orValue('') == 'Terminating' || "
            f"{_DECISIONS}.name(oldObject.metadata.name).check('{PURGE}').allowed()",
            f"'an applied Decision is a record: deleting it needs the verb {PURGE} on "
            f"{DECISION.plural}'",
            "Forbidden",
        ),
    ),
)
"""What was applied stays on record, as long as the namespace does."""

STATUS: Final = Policy(
    name="decision-statuses",
    operations=("UPDATE",),
    resource=f"{DECISION.plural}/status",
    validations=(
        Validation(
            f"{_SERVICE_ACCOUNT} && {_DECISIONS}.name(object.metadata.name)"
            f".check('{RECORD}').allowed()",
            "'only the operator writes the status of a Decision'",
            "Forbidden",
        ),
    ),
)
"""Only the operator reports what became of a Decision."""

POLICIES: Final = (AUTHOR, REVISION, OWNER, DELETION, STATUS)
