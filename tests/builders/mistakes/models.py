"""Mistakes about what a Model learns, and how."""

from builders import churn
from builders.mistakes.acts import GOOD, changed, data, model, resources, training, with_value
from builders.mistakes.mistake import Mistake

MODELS = (
    Mistake(
        "a Dataset that does not exist",
        "Model",
        "no-dataset",
        "DatasetNotFound",
        ("later",),
        model("no-dataset", data="later"),
        data("later", GOOD),
    ),
    Mistake(
        "a target that does not exist",
        "Model",
        "no-target",
        "InvalidTarget",
        ("chruned",),
        model("no-target", target="chruned"),
    ),
    Mistake(
        "a target with one class",
        "Model",
        "one-class",
        "InvalidTarget",
        ("two classes",),
        lambda team: (
            data("one-class-data", with_value("churned", "true"))(team),
            model("one-class", data="one-class-data")(team),
        ),
    ),
    Mistake(
        "an unknown parameter",
        "Model",
        "parameter",
        "InvalidSpec",
        ("max_itr", "max_iter"),
        model("parameter", recipe=churn.logistic(max_itr="5")),
    ),
    Mistake(
        "an unknown estimator",
        "Model",
        "estimator",
        "InvalidSpec",
        ("LogisticRegresion", "LogisticRegression"),
        model("estimator", recipe={"estimator": "LogisticRegresion"}),
    ),
    Mistake(
        "a fit that fails",
        "Model",
        "fit",
        "FitFailed",
        ("reg_param",),
        model(
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
        model("gate", validation={"metrics": [{"name": "roc_auc", "atLeast": "0.999"}]}),
        changed("Model", "gate", validation={"metrics": []}),
    ),
    Mistake(
        "too little memory for training",
        "Model",
        "starved",
        "OutOfMemory",
        ("memory",),
        model(
            "starved",
            **training(churn.logistic(C="7.5"), **resources(memory="32Mi")),
        ),
        changed("Model", "starved", training={"job": {"resources": {"limits": {"memory": "1Gi"}}}}),
    ),
)
