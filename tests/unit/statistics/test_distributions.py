import numpy as np
import pytest
from scipy import special, stats

from perennial.statistics import distributions

NUMBERS = 2000


def test_the_incomplete_beta_function_is_scipys():
    random = np.random.default_rng(1)
    a, b = (random.gamma(1, scale, NUMBERS) + 0.05 for scale in (20, 200))
    x = random.random(NUMBERS)

    found = distributions.incomplete_beta(a, b, x)

    assert found == pytest.approx(special.betainc(a, b, x), abs=1e-10)


@pytest.mark.parametrize(("x", "expected"), [(0.0, 0.0), (1.0, 1.0)])
def test_the_incomplete_beta_function_has_its_limits(x, expected):
    assert distributions.incomplete_beta(2.0, 3.0, x) == expected


def test_the_logarithm_of_the_gamma_function_is_scipys():
    x = np.array([0.01, 0.5, 3.0, 40.0, 1e6])

    assert distributions.log_gamma(x) == pytest.approx(special.gammaln(x), abs=1e-10)


@pytest.mark.parametrize("denominator", [2, 5, 24, 179, 1440])
def test_the_tail_of_f_is_scipys_also_far_out(denominator):
    random = np.random.default_rng(denominator)
    f, numerator = random.gamma(1, 20, NUMBERS), random.uniform(0.05, 22, NUMBERS)

    found = distributions.f_above(f, numerator, denominator)

    assert found == pytest.approx(stats.f.sf(f, numerator, denominator), rel=1e-5)


def test_the_tails_of_the_normal_distribution_are_scipys():
    z = np.linspace(-8, 8, 33)

    assert distributions.normal_above(z) == pytest.approx(stats.norm.sf(z), rel=1e-9)
    assert distributions.two_sided_normal(z) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


def test_the_binomial_counts_half_of_what_was_found():
    random = np.random.default_rng(3)
    trials, share = random.integers(1, 3000, NUMBERS), random.random(NUMBERS) * 0.02
    events = np.minimum(trials, random.poisson(20, NUMBERS))
    half = stats.binom.pmf(events, trials, share) / 2
    above = stats.binom.sf(events, trials, share) + half

    found = distributions.two_sided_binomial(events, trials, share)

    assert found == pytest.approx(np.minimum(1, 2 * np.minimum(above, 1 - above)), abs=1e-9)


def test_without_trials_nothing_is_improbable():
    assert distributions.two_sided_binomial(0, 0, 0.3) == 1


def test_the_noncentral_chi_square_is_near_scipys():
    random = np.random.default_rng(4)
    x, degrees = random.gamma(2, 20, NUMBERS), random.integers(1, 22, NUMBERS)
    shift = random.gamma(1, 10, NUMBERS)

    found = distributions.noncentral_chi_square_above(x, degrees, shift)

    assert found == pytest.approx(stats.ncx2.sf(x, degrees, shift), abs=0.01)
