import numpy as np
import pytest
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB

from builders.compiled import both, flags, grades, rows

KINDS = [BernoulliNB(), BernoulliNB(binarize=1.5), ComplementNB(), GaussianNB(), MultinomialNB()]


@pytest.mark.parametrize("target", [flags, grades])
@pytest.mark.parametrize("estimator", KINDS, ids=repr)
def test_a_classifier_answers_as_it_was_fitted(estimator, target, tmp_path):
    dense = np.abs(rows())
    assert both(estimator.fit(dense, target(rows())), tmp_path).agree(np.abs(rows(seed=5)))


def test_what_is_there_or_not_may_be_told_in_advance(tmp_path):
    dense = (rows() > 0).astype(float)
    fitted = BernoulliNB(binarize=None).fit(dense, grades(rows()))
    assert both(fitted, tmp_path).agree(dense)
