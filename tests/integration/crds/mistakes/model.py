"""Mistakes in a Model."""

from builders.examples import ABSENT
from integration.crds.mistakes import Mistake
from integration.crds.mistakes.dataset import NOT_A_STRING, SHARE

SMALL, FULL = "model-minimal.yaml", "model-full.yaml"
RECIPE = "spec.training.recipe"
GATE = "spec.validation.metrics[0]"
NUMBER = 'write a decimal number in quotes, such as "0.05"'

MISTAKES = (
    Mistake("no dataset", SMALL, {"spec.dataset": ABSENT}, ("spec.dataset", "Required value")),
    Mistake(
        "a dataset by its bare name",
        SMALL,
        {"spec.dataset": "houses"},
        ("spec.dataset", "must be of type object"),
    ),
    Mistake(
        "a dataset of another namespace",
        SMALL,
        {"spec.dataset.name": "other/houses"},
        ("spec.dataset.name", "a name contains a-z, 0-9 and '-'"),
    ),
    Mistake("no target", SMALL, {"spec.target": ABSENT}, ("spec.target", "Required value")),
    Mistake(
        "a target without a name",
        SMALL,
        {"spec.target": ""},
        ("spec.target", "a column name is not empty"),
    ),
    Mistake("no problem", SMALL, {"spec.problem": ABSENT}, ("spec.problem", "Required value")),
    Mistake(
        "a problem in small letters",
        SMALL,
        {"spec.problem": "regression"},
        ("spec.problem", 'supported values: "Classification", "Regression"'),
    ),
    Mistake(
        "a positive class among numbers",
        SMALL,
        {"spec.positiveClass": "1"},
        ("spec", "positiveClass requires problem: Classification"),
    ),
    Mistake(
        "a positive class that is no string",
        FULL,
        {"spec.positiveClass": True},
        ("spec.positiveClass", NOT_A_STRING),
    ),
    Mistake(
        "a measure by its short name",
        FULL,
        {"spec.metric": "auc"},
        ("spec.metric", 'supported values: "roc_auc"'),
    ),
    Mistake(
        "a measure of numbers for classes",
        FULL,
        {"spec.metric": "r2"},
        ("spec", "metric does not apply to this problem"),
    ),
    Mistake(
        "a measure of classes for numbers",
        SMALL,
        {"spec.metric": "roc_auc"},
        ("spec", "the error metrics apply to Regression"),
    ),
    Mistake("no training", SMALL, {"spec.training": ABSENT}, ("spec.training", "Required value")),
    Mistake(
        "no recipe",
        SMALL,
        {"spec.training": {}},
        ("spec.training.recipe", "Required value"),
    ),
    Mistake(
        "an estimator with its module",
        FULL,
        {f"{RECIPE}.estimator": "sklearn.linear_model.LogisticRegression"},
        (f"{RECIPE}.estimator", "such as LogisticRegression"),
    ),
    Mistake(
        "a parameter that is no string",
        FULL,
        {f"{RECIPE}.parameters.max_iter": 500},
        (f"{RECIPE}.parameters.max_iter", NOT_A_STRING),
    ),
    Mistake(
        "a parameter in another spelling",
        FULL,
        {f"{RECIPE}.parameters": {"max-iter": "500"}},
        (f"{RECIPE}.parameters", "scikit-learn name, such as max_iter"),
    ),
    Mistake(
        "a seed among the parameters",
        FULL,
        {f"{RECIPE}.parameters.random_state": "7"},
        (RECIPE, "training.split.seed decides every random choice"),
    ),
    Mistake(
        "a parameter both fixed and searched",
        FULL,
        {f"{RECIPE}.parameters.C": "1.0"},
        (RECIPE, "remove it from parameters or from search.parameters"),
    ),
    Mistake(
        "a search for nothing",
        FULL,
        {f"{RECIPE}.search.parameters": {}},
        (f"{RECIPE}.search.parameters", "should have at least 1 properties"),
    ),
    Mistake(
        "a search over one bare value",
        FULL,
        {f"{RECIPE}.search.parameters.C": "1.0"},
        (f"{RECIPE}.search.parameters.C", "must be of type array"),
    ),
    Mistake(
        "a search over numbers",
        FULL,
        {f"{RECIPE}.search.parameters.C": [0.1, 1]},
        (f"{RECIPE}.search.parameters.C[0]", NOT_A_STRING),
    ),
    Mistake(
        "one fold",
        FULL,
        {f"{RECIPE}.search.folds": 1},
        (f"{RECIPE}.search.folds", "should be greater than or equal to 2"),
    ),
    Mistake(
        "more candidates than anybody waits for",
        FULL,
        {f"{RECIPE}.search.maxCandidates": 1000},
        (f"{RECIPE}.search.maxCandidates", "should be less than or equal to 200"),
    ),
    Mistake(
        "missing numbers made zero",
        FULL,
        {f"{RECIPE}.numeric.impute": "Zero"},
        (
            f"{RECIPE}.numeric.impute",
            'supported values: "Median", "Mean", "MostFrequent", "Nothing"',
        ),
    ),
    Mistake(
        "categories hashed",
        FULL,
        {f"{RECIPE}.categorical.encode": "Hash"},
        (f"{RECIPE}.categorical.encode", 'supported values: "OneHot", "Ordinal", "Target"'),
    ),
    Mistake(
        "one category",
        FULL,
        {f"{RECIPE}.categorical.maxCategories": 1},
        (f"{RECIPE}.categorical.maxCategories", "should be greater than or equal to 2"),
    ),
    Mistake(
        "an unknown split",
        FULL,
        {"spec.training.split.method": "Stratified"},
        ("spec.training.split.method", 'supported values: "Time", "Random", "Group"'),
    ),
    Mistake(
        "groups of no column",
        FULL,
        {"spec.training.split.column": ABSENT},
        ("spec.training.split", "column and method: Group require each other"),
    ),
    Mistake(
        "a column without groups",
        FULL,
        {"spec.training.split.method": "Random"},
        ("spec.training.split", "column and method: Group require each other"),
    ),
    Mistake(
        "a share in percent",
        FULL,
        {"spec.training.split.holdout": "25"},
        ("spec.training.split.holdout", SHARE),
    ),
    Mistake(
        "a share that is no string",
        FULL,
        {"spec.training.split.holdout": 0.25},
        ("spec.training.split.holdout", NOT_A_STRING),
    ),
    Mistake(
        "nothing left to learn from",
        FULL,
        {"spec.training.split.holdout": "0.95"},
        ("spec.training.split", "holdout must be from 0.01 to 0.9"),
    ),
    Mistake(
        "a seed below zero",
        FULL,
        {"spec.training.split.seed": -1},
        ("spec.training.split.seed", "should be greater than or equal to 0"),
    ),
    Mistake(
        "a gate without a limit",
        FULL,
        {f"{GATE}.atLeast": ABSENT},
        (GATE, "set exactly one of atLeast and atMost"),
    ),
    Mistake(
        "a gate with two limits",
        FULL,
        {f"{GATE}.atMost": "0.99"},
        (GATE, "set exactly one of atLeast and atMost"),
    ),
    Mistake(
        "a limit that is no string",
        FULL,
        {f"{GATE}.atLeast": 0.6},
        (f"{GATE}.atLeast", NOT_A_STRING),
    ),
    Mistake(
        "a limit with a unit",
        FULL,
        {f"{GATE}.atLeast": "60%"},
        (f"{GATE}.atLeast", NUMBER),
    ),
    Mistake(
        "a limit in percent",
        FULL,
        {f"{GATE}.atLeast": "60"},
        (GATE, 'write "0.70" for 70 %'),
    ),
    Mistake(
        "a gate on no measure",
        FULL,
        {f"{GATE}.name": "gini"},
        (f"{GATE}.name", 'supported values: "roc_auc"'),
    ),
    Mistake(
        "a gate on a measure of numbers",
        FULL,
        {f"{GATE}.name": "r2"},
        ("spec", "validation.metrics has a metric that does not apply to this problem"),
    ),
    Mistake(
        "a measure with two gates",
        FULL,
        {"spec.validation.metrics[1].name": "average_precision"},
        ("spec.validation.metrics[1]", "Duplicate value"),
    ),
    Mistake(
        "a gate that warns",
        FULL,
        {f"{GATE}.enforce": "Warn"},
        (f"{GATE}.enforce", 'supported values: "Required", "Advisory", "Disabled"'),
    ),
    Mistake(
        "no version kept",
        FULL,
        {"spec.versions.keep": 0},
        ("spec.versions.keep", "should be greater than or equal to 1"),
    ),
    Mistake(
        "a store that is a bucket's address",
        FULL,
        {"spec.artifact.store": "s3://models"},
        ("spec.artifact.store", "a name contains a-z, 0-9 and '-'"),
    ),
)
