"""Mistakes about what is served, and by which pods."""

from builders.mistakes.acts import changed, deployment, take_the_service
from builders.mistakes.mistake import Mistake

DEPLOYMENTS = (
    Mistake(
        "a Model that does not exist",
        "ModelDeployment",
        "no-model",
        "ModelNotFound",
        ("nothing",),
        deployment("no-model", of="nothing"),
    ),
    Mistake(
        "a version that does not exist",
        "ModelDeployment",
        "no-version",
        "VersionNotFound",
        ("good-00000000",),
        deployment("no-version", model={"name": "good", "version": "good-00000000"}),
    ),
    Mistake(
        "a Service of that name that belongs to somebody else",
        "ModelDeployment",
        "taken",
        "NameTaken",
        ("taken",),
        take_the_service,
        lambda team: team.kubectl.delete("Service", "taken"),
    ),
    Mistake(
        "a server that is killed for want of memory",
        "ModelDeployment",
        "hungry",
        "OutOfMemory",
        ("memory",),
        deployment("hungry", server={"resources": {"limits": {"memory": "24Mi"}}}),
        changed("ModelDeployment", "hungry", server={"resources": {"limits": {"memory": "1Gi"}}}),
    ),
)
