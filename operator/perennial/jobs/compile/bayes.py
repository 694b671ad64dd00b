"""Naive Bayes: logarithms of joint likelihoods, whose shares are the probabilities."""

import numpy as np
from sklearn.base import BaseEstimator

from perennial.artifacts.compiled import Decision, Estimator, Expression, Linear, Link, Normal


def compile_gaussian(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile naive Bayes over normal distributions."""
    scale = -0.5 * np.sum(np.log(2.0 * np.pi * estimator.var_), axis=1)
    scores = Normal(
        prior=np.log(estimator.class_prior_),
        scale=scale,
        means=estimator.theta_,
        variances=estimator.var_,
    )
    return _likeliest(scores, width)


def compile_multinomial(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile naive Bayes over counts."""
    logarithms = estimator.feature_log_prob_.T
    scores = Linear(coefficients=logarithms, intercept=estimator.class_log_prior_)
    return _likeliest(scores, width)


def compile_complement(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile naive Bayes over the counts of the complement classes."""
    logarithms = estimator.feature_log_prob_.T
    scores = Linear(coefficients=logarithms, intercept=np.zeros(logarithms.shape[1]))
    return _likeliest(scores, width)


def compile_bernoulli(estimator: BaseEstimator, width: int) -> Estimator:
    """Compile naive Bayes over binary features."""
    present = estimator.feature_log_prob_
    absent = np.log(1 - np.exp(present))
    above = None if estimator.binarize is None else np.array([estimator.binarize], np.float64)
    scores = Linear(
        coefficients=(present - absent).T,
        intercept=estimator.class_log_prior_ + absent.sum(axis=1),
        above=above,
    )
    return _likeliest(scores, width)


def _likeliest(scores: Expression, width: int) -> Estimator:
    return Estimator(
        width=width, scores=scores, decision=Decision.LARGEST, probabilities=Link.SOFTMAX
    )
