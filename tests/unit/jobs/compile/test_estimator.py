import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from builders.compiled import WIDTH, flags, grades, levels, rows, schema_for
from perennial.jobs.compile import NotCompilableError
from perennial.jobs.compile.estimator import compile_estimator


class Contrary(LogisticRegression):
    def predict(self, X):  # noqa: N803 - scikit-learn's name
        return self.classes_[0]


def test_a_class_without_a_compiled_form_is_named():
    dense = rows()
    fitted = KNeighborsClassifier().fit(dense, flags(dense))
    with pytest.raises(NotCompilableError, match="KNeighborsClassifier"):
        compile_estimator(fitted, WIDTH, schema_for(fitted))


def test_a_class_that_inherits_is_not_taken_for_its_parent():
    dense = rows()
    fitted = Contrary(max_iter=1000).fit(dense, flags(dense))
    with pytest.raises(NotCompilableError, match="Contrary"):
        compile_estimator(fitted, WIDTH, schema_for(fitted))


def test_classes_other_than_the_schema_s_are_not_compiled():
    dense = rows()
    fitted = LogisticRegression(max_iter=1000).fit(dense, grades(dense))
    other = LogisticRegression(max_iter=1000).fit(dense, levels(dense))
    with pytest.raises(NotCompilableError, match="classes"):
        compile_estimator(fitted, WIDTH, schema_for(other))
