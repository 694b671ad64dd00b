"""What a team does when it makes mistakes and when it cures them."""

from typing import Any

from builders import churn
from builders.mistakes.mistake import Act
from harness.servers.store import CREDENTIALS
from harness.team import Team

GOOD = churn.as_csv(churn.rows())
LOCKED, WRONG_KEYS, NO_BUCKET = "locked", "wrong-keys", "no-bucket"
"""Stores that are in the configuration, and cannot be used as they are."""
DISK = "ephemeral-storage"
"""A resource that nobody asks for unless told: its quota concerns nobody else."""


def upload(name: str, content: bytes | str) -> Act:
    return lambda team: team.uploads(f"{name}.csv", content)


def dataset(name: str, **spec: Any) -> Act:
    def apply(team: Team) -> None:
        source = {"object": {"path": f"{team.folder}{name}.csv", **spec.pop("object", {})}}
        team.applies(churn.dataset(name, **{"source": source, **spec}))

    return apply


def data(name: str, content: bytes | str, **spec: Any) -> Act:
    def apply(team: Team) -> None:
        team.uploads(f"{name}.csv", content)
        dataset(name, **spec)(team)

    return apply


def model(name: str, **spec: Any) -> Act:
    return lambda team: team.applies(churn.model(name, **{"data": "good", **spec}))


def deployment(name: str, **spec: Any) -> Act:
    return lambda team: team.applies(
        churn.deployment(name, **{"of": "good", "replicas": 1, **spec})
    )


def changed(kind: str, name: str, **spec: Any) -> Act:
    return lambda team: team.changes(kind, name, **spec)


def secret(name: str) -> Act:
    def copy(team: Team) -> None:
        data = team.kubectl.get("Secret", CREDENTIALS)["data"]
        team.applies(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
        )

    return copy


def use_wrong_keys(team: Team) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "wrong"}
    team.applies(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": WRONG_KEYS},
            "stringData": keys,
        }
    )
    data("wrong-keys", GOOD, object={"store": WRONG_KEYS})(team)


def take_the_service(team: Team) -> None:
    team.applies(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "taken"},
            "spec": {"ports": [{"port": 80}]},
        }
    )
    deployment("taken")(team)


def account(name: str) -> Act:
    return lambda team: team.applies(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
    )


def quota(name: str, amount: str) -> Act:
    hard = {f"requests.{DISK}": amount}
    return lambda team: team.applies(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": name},
            "spec": {"hard": hard},
        }
    )


def resources(**limits: str) -> dict[str, Any]:
    return {"job": {"resources": {"limits": limits}}}


def training(recipe: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"training": {"recipe": recipe, **more}}


def without_column(column: str) -> str:
    table = [{key: value for key, value in row.items() if key != column} for row in churn.rows()]
    return churn.as_csv(table)


def with_value(column: str, value: str) -> str:
    return churn.as_csv([{**row, column: value} for row in churn.rows()])
