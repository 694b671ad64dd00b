import numpy as np
import pytest

from builders.designs import design, rows
from builders.training import table, task
from perennial.api.model import Metric, Search
from perennial.jobs.recipe.search import Trial, best_of, folds_of
from perennial.jobs.report import JobFailure
from perennial.jobs.table.rows import Rows


def search(parameters: dict, **limits) -> Search:
    return Search.model_validate({"parameters": parameters, **limits})


def trial(metric: Metric = Metric.ROC_AUC, target: str = "late", **recipe) -> Trial:
    learned, looked_for = rows(target), search({"C": ["1"]})
    folds = folds_of(task(target, time=False), looked_for, learned)
    return Trial(design(target, **recipe), learned, metric, folds)


LINEAR = {"estimator": "LogisticRegression"}


def test_the_best_parameters_win():
    found = best_of(search({"C": ["1e-9", "1"]}), trial(**LINEAR), workers=1)
    assert found == {"C": "1"}


def test_a_measure_of_loss_is_the_better_the_lower():
    found = best_of(search({"C": ["1e-9", "1"]}), trial(Metric.LOG_LOSS, **LINEAR), workers=1)
    assert found == {"C": "1"}


def test_of_equals_the_first_wins():
    found = best_of(search({"tol": ["1e-4", "1.0e-4", "0.0001"]}), trial(**LINEAR), workers=1)
    assert found == {"tol": "1e-4"}


def test_all_combinations_are_tried_where_they_are_few(capsys):
    best_of(search({"C": ["1", "2"], "tol": ["0.1", "0.2", "0.3"]}), trial(**LINEAR), workers=1)
    assert len(set(capsys.readouterr().out.splitlines())) == 6


def test_no_more_combinations_are_tried_than_allowed(capsys):
    many = search({"C": ["1", "2", "3", "4"], "tol": ["0.1", "0.2"]}, maxCandidates=3)
    best_of(many, trial(**LINEAR), workers=1)
    tried = [line.partition(": roc_auc")[0] for line in capsys.readouterr().out.splitlines()]
    assert len(set(tried)) == 3


def test_how_many_work_at_once_changes_nothing():
    forest = {"estimator": "RandomForestClassifier", "parameters": {"n_estimators": "5"}}
    many = search({"max_depth": ["1", "3", "null"], "min_samples_leaf": ["1", "9"]})
    assert best_of(many, trial(**forest), workers=1) == best_of(many, trial(**forest), workers=3)


def test_parameters_of_the_recipe_hold_for_every_candidate():
    fixed = trial(estimator="LogisticRegression", parameters={"solver": "saga", "max_iter": "5"})
    with pytest.warns(match="max_iter was reached"):
        best_of(search({"C": ["1"]}), fixed, workers=1)


def test_rows_in_time_are_judged_by_what_follows_them():
    folds = folds_of(task(), search({"C": ["1"]}, folds=4), rows())
    assert folds
    assert all(learned.max() < judged.min() for learned, judged in folds)


def test_groups_stay_together():
    shops = table().column("shop").to_numpy(zero_copy_only=False)
    numbers = np.unique(shops, return_inverse=True)[1]
    learned = Rows(frame=rows().frame, target=rows().target, groups=numbers)
    stated = task(split={"method": "Group", "column": "shop"})
    for one, other in folds_of(stated, search({"C": ["1"]}), learned):
        assert not set(numbers[one]) & set(numbers[other])


def test_folds_of_a_regression_need_no_classes():
    assert len(folds_of(task("price", time=False), search({"C": ["1"]}), rows("price"))) == 3


def test_a_fold_that_lacks_a_class_is_left_out():
    learned = rows("late")
    learned.target[:] = np.arange(240) >= 40
    learned.target[100:120] = False
    folds = folds_of(task(), search({"C": ["1"]}, folds=5), learned)
    assert len(folds) == 1


def test_folds_without_every_class_are_refused():
    learned = rows("late")
    learned.target[:] = np.arange(240) >= 120
    with pytest.raises(JobFailure, match=r"search\.folds: no fold has every class"):
        folds_of(task(), search({"C": ["1"]}), learned)


def test_more_folds_than_groups_are_refused():
    learned = Rows(rows().frame, rows().target, groups=np.arange(240) % 2)
    stated = task(split={"method": "Group", "column": "shop"})
    with pytest.raises(JobFailure, match=r"take fewer folds, or more rows"):
        folds_of(stated, search({"C": ["1"]}, folds=5), learned)
