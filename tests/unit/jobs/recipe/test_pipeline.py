import pytest
from sklearn.linear_model import LogisticRegression

from builders.designs import design, inputs, row, rows
from builders.training import table as example
from perennial.api.estimators import table
from perennial.api.problem import Problem
from perennial.artifacts.frame import frame_of_rows
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.report import JobFailure
from perennial.jobs.training.model_file import write_model

# forests and boosting are as good small as large here; one-hot columns are collinear for QDA
SMALL = {"n_estimators": "5", "max_iter": "20", "n_restarts_optimizer": "0"}
NEEDED = {"QuadraticDiscriminantAnalysis": {"reg_param": "0.1"}}
SMALLER = ("AdaBoost", "ExtraTrees", "GradientBoosting", "HistGradientBoosting", "RandomForest")


def small(name: str) -> dict[str, str]:
    parameters = dict(NEEDED.get(name, {}))
    if name.startswith(SMALLER):
        parameters |= {key: text for key, text in SMALL.items() if key in table()[name].parameters}
    return parameters


TARGETS = {Problem.CLASSIFICATION: ("late", "grade"), Problem.REGRESSION: ("price",)}
TRIALS = [
    (name, target)
    for name, estimator in sorted(table().items())
    for target in TARGETS[estimator.problem]
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("name", "target"), TRIALS)
def test_every_estimator_is_fitted_stored_and_answers_the_same(name, target, tmp_path):
    learned = rows(target, example(80))
    stated = design(target, estimator=name, parameters=small(name))
    pipeline = build(stated).fit(learned.frame, learned.target)
    write_model(pipeline, tmp_path)
    (tmp_path / "schema.json").write_text(stated.schema.model_dump_json(by_alias=True))
    unseen = frame_of_rows(inputs(), [row(), row(amount=99.0, city="Nowhere", visits=-3)])
    expected = TrainedPipeline(stated.schema, pipeline).answer(unseen)
    answers = TrainedPipeline.load(tmp_path).answer(unseen)
    assert answers.predictions == expected.predictions
    if expected.probabilities is not None:
        assert (answers.probabilities == expected.probabilities).all()
        assert answers.probabilities.shape == (2, len(stated.schema.classes))


def test_missing_numbers_that_nothing_replaces_are_refused():
    with pytest.raises(JobFailure, match="takes no missing numbers, and amount, visits, since"):
        build(design(estimator="LogisticRegression", numeric={"impute": "Nothing"}))


def test_every_random_choice_hangs_on_the_seed():
    pipeline = build(design(seed=7, estimator="RandomForestClassifier"))
    assert pipeline[-1].random_state == 7


def test_parameters_reach_the_estimator():
    pipeline = build(
        design(estimator="LogisticRegression", parameters={"C": "0.5", "solver": "saga"})
    )
    assert isinstance(pipeline[-1], LogisticRegression)
    assert (pipeline[-1].C, pipeline[-1].solver) == (0.5, "saga")


@pytest.mark.parametrize(
    ("target", "weights", "expected"),
    [
        ("late", '{"true": 3, "false": 1}', {True: 3, False: 1}),
        ("grade", '{"top": 2}', {"top": 2}),
        ("level", '{"0": 1, "2": 5}', {0: 1, 2: 5}),
    ],
)
def test_class_weights_are_named_by_their_label(target, weights, expected):
    pipeline = build(design(target, parameters={"class_weight": weights}))
    assert pipeline[-1].class_weight == expected
    assert [type(label) for label in pipeline[-1].class_weight] == [type(k) for k in expected]


def test_a_class_weight_of_no_class_is_refused():
    with pytest.raises(JobFailure, match="the target has no class yes; it has false, true"):
        build(design(parameters={"class_weight": '{"yes": 2}'}))


def test_gradient_boosting_splits_by_categories_themselves():
    stated = design(categorical={"encode": "Ordinal", "maxCategories": 500})
    pipeline = build(stated)
    assert pipeline[-1].categorical_features == [4]
    assert pipeline[0].transformers[-1][1].max_categories == 255
    learned = rows()
    pipeline.fit(learned.frame, learned.target)
    assert pipeline[-1].is_categorical_.tolist() == [False] * 4 + [True]
