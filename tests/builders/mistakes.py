"""Mistakes that only a cluster can show: how each is made, what is said of it, how it is cured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from builders import churn
from harness.servers import CREDENTIALS
from harness.team import Team

Act = Callable[[Team], object]

GOOD = churn.as_csv(churn.rows())
LOCKED, WRONG_KEYS, NO_BUCKET = "locked", "wrong-keys", "no-bucket"


@dataclass(frozen=True)
class Mistake:
    """One mistake in a team's namespace, and the object that tells of it."""

    title: str
    kind: str
    name: str
    reason: str
    words: tuple[str, ...]
    make: Act
    cure: Act | None = None
    """Removes the cause and touches nothing else; absent where the spec is the cause."""


def _file(name: str, content: bytes | str) -> Act:
    return lambda team: team.uploads(f"{name}.csv", content)


def _dataset(name: str, **spec: Any) -> Act:
    def apply(team: Team) -> None:
        source = {"object": {"path": f"{team.folder}{name}.csv", **spec.pop("object", {})}}
        team.applies(churn.dataset(name, **{"source": source, **spec}))

    return apply


def _data(name: str, content: bytes | str, **spec: Any) -> Act:
    def apply(team: Team) -> None:
        team.uploads(f"{name}.csv", content)
        _dataset(name, **spec)(team)

    return apply


def _model(name: str, **spec: Any) -> Act:
    return lambda team: team.applies(churn.model(name, **{"data": "good", **spec}))


def _deployment(name: str, **spec: Any) -> Act:
    return lambda team: team.applies(
        churn.deployment(name, **{"of": "good", "replicas": 1, **spec})
    )


def _changed(kind: str, name: str, **spec: Any) -> Act:
    return lambda team: team.changes(kind, name, **spec)


def _secret(name: str) -> Act:
    def copy(team: Team) -> None:
        data = team.kubectl.get("Secret", CREDENTIALS)["data"]
        team.applies(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}
        )

    return copy


def _wrong_keys(team: Team) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "wrong"}
    team.applies(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": WRONG_KEYS},
            "stringData": keys,
        }
    )
    _data("wrong-keys", GOOD, object={"store": WRONG_KEYS})(team)


def _foreign_service(team: Team) -> None:
    team.applies(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "taken"},
            "spec": {"ports": [{"port": 80}]},
        }
    )
    _deployment("taken")(team)


def _account(name: str) -> Act:
    return lambda team: team.applies(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
    )


def _resources(**limits: str) -> dict[str, Any]:
    return {"job": {"resources": {"limits": limits}}}


def _training(recipe: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"training": {"recipe": recipe, **more}}


def _without(column: str) -> str:
    table = [{key: value for key, value in row.items() if key != column} for row in churn.rows()]
    return churn.as_csv(table)


def _with(column: str, value: str) -> str:
    return churn.as_csv([{**row, column: value} for row in churn.rows()])


_CALLS = {"columns": [{"name": "calls", "type": "Integer", "nullable": False, "maximum": "9"}]}
_ONE_CLASS = _with("churned", "true")
_SEMICOLONS = churn.as_csv(churn.rows(), delimiter=";")

DATA = (
    Mistake(
        "a path where nothing stands",
        "Dataset",
        "nothing-there",
        "SourceNotFound",
        ("nothing-there.csv",),
        _dataset("nothing-there"),
        _file("nothing-there", GOOD),
    ),
    Mistake(
        "an empty prefix",
        "Dataset",
        "empty-prefix",
        "SourceNotFound",
        ("empty-prefix/",),
        lambda team: team.applies(
            churn.dataset("empty-prefix", path=f"{team.folder}empty-prefix/")
        ),
        lambda team: team.uploads("empty-prefix/part.csv", GOOD),
    ),
    Mistake(
        "a store that nobody configured",
        "Dataset",
        "unknown-store",
        "StoreNotFound",
        ("elsewhere", "default"),
        _data("unknown-store", GOOD, object={"store": "elsewhere"}),
    ),
    Mistake(
        "a bucket that does not exist",
        "Dataset",
        "no-bucket",
        "SourceNotFound",
        ("bucket",),
        _dataset("no-bucket", object={"store": NO_BUCKET}),
    ),
    Mistake(
        "a missing Secret",
        "Dataset",
        "no-secret",
        "SecretNotFound",
        (LOCKED,),
        _data("no-secret", GOOD, object={"store": LOCKED}),
        _secret(LOCKED),
    ),
    Mistake(
        "wrong keys in the Secret",
        "Dataset",
        "wrong-keys",
        "StoreAccessDenied",
        (),
        _wrong_keys,
        _secret(WRONG_KEYS),
    ),
    Mistake(
        "words in a column of numbers",
        "Dataset",
        "wrong-type",
        "SchemaMismatch",
        ("calls", "Integer"),
        _data("wrong-type", _with("calls", "many"), **_CALLS),
        _file("wrong-type", GOOD),
    ),
    Mistake(
        "a wrong separator",
        "Dataset",
        "separator",
        "SchemaMismatch",
        ("calls", "delimiter"),
        _data("separator", _SEMICOLONS, **_CALLS),
        _file("separator", GOOD),
    ),
    Mistake(
        "a Parquet file cut in half",
        "Dataset",
        "half",
        "UnreadableData",
        ("half.csv",),
        _data("half", b"PAR1 and then nothing", object={"format": "Parquet"}),
    ),
    Mistake(
        "too few rows",
        "Dataset",
        "few-rows",
        "QualityFailed",
        ("600", "1000"),
        _data("few-rows", GOOD, quality={"minRows": 1000}),
        _file("few-rows", churn.as_csv(churn.rows(1200))),
    ),
    Mistake(
        "a value out of range",
        "Dataset",
        "range",
        "QualityFailed",
        ("calls", "9"),
        _data("range", _with("calls", "77"), **_CALLS),
        _file("range", GOOD),
    ),
    Mistake(
        "a forbidden column",
        "Dataset",
        "forbidden",
        "QualityFailed",
        ("revenue",),
        _data("forbidden", GOOD, quality={"forbiddenColumns": ["revenue"]}),
        _file("forbidden", _without("revenue")),
    ),
    Mistake(
        "personal data",
        "Dataset",
        "personal",
        "QualityFailed",
        ("plan",),
        _data("personal", _with("plan", "ann@example.com"), quality={"personalData": "Forbid"}),
        _file("personal", GOOD),
    ),
    Mistake(
        "a ServiceAccount that does not exist",
        "Dataset",
        "account",
        "ServiceAccountNotFound",
        ("nobody",),
        _data("account", GOOD, job={"pod": {"serviceAccountName": "nobody"}}),
        _account("nobody"),
    ),
    Mistake(
        "a node that does not exist",
        "Dataset",
        "nowhere",
        "Unschedulable",
        (),
        _data("nowhere", GOOD, job={"pod": {"nodeSelector": {"zone": "moon"}}}),
        _changed("Dataset", "nowhere", job={"pod": {"nodeSelector": None}}),
    ),
    Mistake(
        "a volume that does not exist",
        "Dataset",
        "no-volume",
        "VolumeNotFound",
        ("no-claim",),
        lambda team: team.applies(
            churn.dataset(
                "no-volume", source={"volume": {"claimName": "no-claim", "path": "churn.csv"}}
            )
        ),
    ),
    Mistake(
        "too little memory for a snapshot",
        "Dataset",
        "no-memory",
        "OutOfMemory",
        ("memory",),
        _data("no-memory", GOOD, **_resources(memory="16Mi")),
        _changed("Dataset", "no-memory", job={"resources": {"limits": {"memory": "1Gi"}}}),
    ),
    Mistake(
        "too little time for a snapshot",
        "Dataset",
        "no-time",
        "DeadlineExceeded",
        ("1s",),
        _data("no-time", GOOD, job={"deadline": "1s"}),
        _changed("Dataset", "no-time", job={"deadline": "5m"}),
    ),
)

MODELS = (
    Mistake(
        "a Dataset that does not exist",
        "Model",
        "no-dataset",
        "DatasetNotFound",
        ("later",),
        _model("no-dataset", data="later"),
        _data("later", GOOD),
    ),
    Mistake(
        "a target that does not exist",
        "Model",
        "no-target",
        "InvalidTarget",
        ("chruned",),
        _model("no-target", target="chruned"),
    ),
    Mistake(
        "a target with one class",
        "Model",
        "one-class",
        "InvalidTarget",
        ("two classes",),
        lambda team: (
            (
                _data("one-class-data", _ONE_CLASS)(team),
                _model("one-class", data="one-class-data")(team),
            )
        ),
    ),
    Mistake(
        "an unknown parameter",
        "Model",
        "parameter",
        "InvalidSpec",
        ("max_itr", "max_iter"),
        _model("parameter", recipe=churn.logistic(max_itr="5")),
    ),
    Mistake(
        "an unknown estimator",
        "Model",
        "estimator",
        "InvalidSpec",
        ("LogisticRegresion", "LogisticRegression"),
        _model("estimator", recipe={"estimator": "LogisticRegresion"}),
    ),
    Mistake(
        "a fit that fails",
        "Model",
        "fit",
        "FitFailed",
        ("reg_param",),
        _model(
            "fit",
            recipe={"estimator": "QuadraticDiscriminantAnalysis"},
        ),
    ),
    Mistake(
        "a limit that is not reached",
        "Model",
        "gate",
        "GateFailed",
        ("roc_auc", "0.999"),
        _model("gate", validation={"metrics": [{"name": "roc_auc", "atLeast": "0.999"}]}),
        _changed("Model", "gate", validation={"metrics": []}),
    ),
    Mistake(
        "too little memory for training",
        "Model",
        "starved",
        "OutOfMemory",
        ("memory",),
        _model(
            "starved",
            **_training(churn.logistic(C="7.5"), **_resources(memory="32Mi")),
        ),
        _changed(
            "Model", "starved", training={"job": {"resources": {"limits": {"memory": "1Gi"}}}}
        ),
    ),
)

DEPLOYMENTS = (
    Mistake(
        "a Model that does not exist",
        "ModelDeployment",
        "no-model",
        "ModelNotFound",
        ("nothing",),
        _deployment("no-model", of="nothing"),
    ),
    Mistake(
        "a version that does not exist",
        "ModelDeployment",
        "no-version",
        "VersionNotFound",
        ("good-00000000",),
        _deployment("no-version", model={"name": "good", "version": "good-00000000"}),
    ),
    Mistake(
        "a Service of that name that belongs to somebody else",
        "ModelDeployment",
        "taken",
        "NameTaken",
        ("taken",),
        _foreign_service,
        lambda team: team.kubectl.delete("Service", "taken"),
    ),
    Mistake(
        "a server that is killed for want of memory",
        "ModelDeployment",
        "hungry",
        "OutOfMemory",
        ("memory",),
        _deployment("hungry", server={"resources": {"limits": {"memory": "48Mi"}}}),
        _changed("ModelDeployment", "hungry", server={"resources": {"limits": {"memory": "1Gi"}}}),
    ),
)

ALL = DATA + MODELS + DEPLOYMENTS
