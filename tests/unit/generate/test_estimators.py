import json
from importlib.resources import files

from sklearn.utils import all_estimators

from perennial.api.estimators import TABLE
from perennial.api.problem import Problem
from perennial.generate.estimators import LEFT_OUT, estimator_table


def test_the_stored_table_is_what_scikit_learn_says_today():
    stored = json.loads(files("perennial.api").joinpath(TABLE).read_text())
    assert stored == json.loads(json.dumps(estimator_table()))


def test_the_table_is_the_same_whenever_it_is_made():
    assert json.dumps(estimator_table()) == json.dumps(estimator_table())


def test_every_estimator_of_scikit_learn_is_offered_or_left_out_for_a_reason():
    known = {
        name
        for kind in ("classifier", "regressor")
        for name, found in all_estimators(type_filter=kind)
    }
    needs_estimators = known - estimator_table().keys() - LEFT_OUT.keys()
    assert needs_estimators == {
        "ClassifierChain",
        "FixedThresholdClassifier",
        "MultiOutputClassifier",
        "MultiOutputRegressor",
        "OneVsOneClassifier",
        "OneVsRestClassifier",
        "OutputCodeClassifier",
        "RegressorChain",
        "StackingClassifier",
        "StackingRegressor",
        "TunedThresholdClassifierCV",
        "VotingClassifier",
        "VotingRegressor",
    }
    assert LEFT_OUT.keys() <= known


def test_both_problems_have_estimators_of_every_family():
    modules = {
        problem: {
            estimator["module"]
            for estimator in estimator_table().values()
            if estimator["problem"] == problem
        }
        for problem in Problem
    }
    families = {"linear_model", "svm", "tree", "ensemble", "neighbors", "neural_network", "dummy"}
    for problem in Problem:
        assert {f"sklearn.{family}" for family in families} <= modules[problem]
