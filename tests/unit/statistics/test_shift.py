import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from perennial.statistics import shift
from perennial.statistics.sequential import Evidence
from perennial.statistics.shift import MixBlocks, ShiftRule, half_normal_mixture

RULE = ShiftRule(limit=0.10, steps=2)
QUICK = settings(deadline=None, max_examples=40)
MIX = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
OTHER = np.array([0.2, 0.2, 0.2, 0.2, 0.2])  # an index of .11 from MIX


def index(p: np.ndarray, q: np.ndarray) -> float:
    return float(((q - p) * np.log(q / p)).sum())


def drawn(seed: int, candidate: np.ndarray, blocks: int = 40, paths: int = 1) -> MixBlocks:
    random = np.random.default_rng(seed)
    ours = random.multinomial(100, candidate, (paths, blocks))
    return MixBlocks.of(ours, random.multinomial(1900, MIX, (paths, blocks)))


def evidence_of(blocks: MixBlocks, rule: ShiftRule = RULE, dispersion: float = 1.0) -> Evidence:
    state = shift.begin(rule, blocks.candidate.shape[-1], len(blocks.candidate)).begin_step()
    return shift.absorb(rule, state, blocks, dispersion)[1]


def estimate_of(blocks: MixBlocks, dispersion: float = 1.0) -> shift.Shift:
    paths, _, bins = blocks.candidate.shape
    state = shift.begin(RULE, bins, paths).begin_step()
    state, _ = shift.absorb(RULE, state, blocks, dispersion)
    return shift.measured(state.totals, np.full(paths, dispersion))


@pytest.mark.parametrize("candidate", [MIX, OTHER, MIX[::-1]])
def test_the_estimate_is_the_index_without_what_chance_adds(candidate):
    found = estimate_of(drawn(1, candidate, paths=400))

    error = found.estimate.std() / 20
    assert found.estimate.mean() == pytest.approx(index(MIX, candidate), abs=3 * error)


@pytest.mark.parametrize("candidate", [OTHER, MIX[::-1]])
def test_the_standard_error_is_how_far_estimates_lie_apart(candidate):
    found = estimate_of(drawn(2, candidate, paths=400))

    assert found.error.mean() == pytest.approx(found.estimate.std(), rel=0.1)


def test_the_standard_error_of_equal_distributions_is_that_of_chi_square():
    found = estimate_of(MixBlocks.of([10_000 * MIX], [190_000 * MIX]))

    assert found.error == pytest.approx(np.sqrt(2 * 4) * (1 / 10_000 + 1 / 190_000), rel=1e-2)


def test_rows_in_clusters_are_worth_as_much_as_their_clusters():
    once = drawn(3, OTHER, blocks=200)
    five = MixBlocks(once.candidate * 5, once.stable * 5)

    assert estimate_of(five, 5.0).error == pytest.approx(estimate_of(once).error, rel=1e-2)


@pytest.mark.parametrize("time", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("z", [-8.0, -1.0, 0.0, 2.5, 6.0])
def test_the_mixture_is_the_integral_over_a_half_normal_prior(z, time):
    def likelihood(effect: float) -> float:
        prior = 2 * stats.norm.pdf(effect, scale=np.sqrt(time))
        return prior * np.exp(effect * z - effect**2 / 2)

    expected, _ = integrate.quad(likelihood, 0, 20, limit=200)
    found = half_normal_mixture(np.array(z), np.array(time))
    assert found == pytest.approx(np.log(expected), abs=2e-2 if z < -6 else 1e-6)


def test_very_many_rows_without_a_shift_pass_and_never_fail():
    blocks = MixBlocks.of(
        (10_000 * MIX)[None] * np.ones((50, 1)), (190_000 * MIX)[None] * np.ones((50, 1))
    )

    found = evidence_of(blocks)
    assert RULE.levels.passed(found)[0, -1]
    assert not RULE.levels.failed(found).any()


def test_a_shift_is_found():
    assert RULE.levels.failed(evidence_of(drawn(4, MIX[::-1])))[0, -1]


def test_a_shift_just_at_the_limit_fails_and_passes_as_rarely_as_promised():
    rule = ShiftRule(limit=index(MIX, OTHER))
    found = evidence_of(drawn(5, OTHER, blocks=60, paths=1000), rule)

    assert rule.levels.failed(found).any(axis=1).mean() <= 0.01
    assert rule.levels.passed(found).any(axis=1).mean() <= 0.05


def test_a_rare_class_that_did_not_come_up_yet_is_no_shift():
    random = np.random.default_rng(6)
    rare = np.array([0.995, 0.005])
    blocks = MixBlocks.of(
        random.multinomial(75, rare, (1000, 120)), random.multinomial(1425, rare, (1000, 120))
    )

    found = evidence_of(blocks)
    assert RULE.levels.failed(found).any(axis=1).mean() <= 0.01


def test_callers_that_change_while_the_candidate_gets_more_traffic_are_no_shift():
    later = MIX[::-1]
    ours = np.stack([50 * MIX, 5000 * later])
    theirs = np.stack([9950 * MIX, 5000 * later])

    assert estimate_of(MixBlocks.of(ours, theirs)).estimate == pytest.approx(0, abs=3e-3)
    assert index(theirs.sum(0) / theirs.sum(), ours.sum(0) / ours.sum()) > 0.1


def test_blocks_without_a_baseline_do_not_count():
    both = drawn(7, OTHER)
    alone = MixBlocks.of([[500, 0, 0, 0, 0]], [[0, 0, 0, 0, 0]])
    state = shift.begin(RULE, 5).begin_step()
    state, _ = shift.absorb(RULE, state, both, 1.0)
    after, _ = shift.absorb(RULE, state, alone, 1.0)

    assert after.totals == pytest.approx(state.totals)


@QUICK
@given(st.integers(0, 30), st.integers(0, 100))
def test_blocks_given_one_by_one_or_at_once_are_the_same_evidence(cut, seed):
    blocks = drawn(seed, OTHER, blocks=30)
    state = shift.begin(RULE, 5).begin_step()
    _, whole = shift.absorb(RULE, state, blocks, 1.2)
    state, first = shift.absorb(RULE, state, blocks.at(slice(0, cut)), 1.2)
    _, second = shift.absorb(RULE, state, blocks.at(slice(cut, None)), 1.2)

    for name in ("failing", "passing", "own"):
        parts = np.concatenate([getattr(first, name), getattr(second, name)], axis=1)
        assert parts == pytest.approx(getattr(whole, name))


@QUICK
@given(st.permutations(range(5)), st.integers(0, 100))
def test_the_order_of_bins_changes_nothing(order, seed):
    blocks = drawn(seed, OTHER, blocks=10)
    mixed = MixBlocks(blocks.candidate[..., order], blocks.stable[..., order])

    assert evidence_of(mixed).failing == pytest.approx(evidence_of(blocks).failing)


@QUICK
@given(st.permutations(range(4)), st.integers(0, 100))
def test_paths_do_not_know_of_each_other(order, seed):
    blocks = drawn(seed, OTHER, blocks=5, paths=4)
    mixed = MixBlocks(blocks.candidate[order], blocks.stable[order])

    assert evidence_of(mixed).passing == pytest.approx(evidence_of(blocks).passing[order])


def test_a_shift_that_begins_in_the_second_step_is_found_in_its_own_evidence():
    rule, state = RULE, shift.begin(RULE, 5).begin_step()
    state, _ = shift.absorb(rule, state, drawn(8, MIX, blocks=400), 1.0)
    late = drawn(9, MIX[::-1], blocks=10)
    _, ignored = shift.absorb(rule, state, late, 1.0)
    _, seen = shift.absorb(rule, state.begin_step(), late, 1.0)

    assert not rule.levels.failed(ignored).any()
    assert rule.levels.failed(seen).any()
    assert not rule.levels.passed(seen)[0, -1]


def test_distributions_of_different_bins_are_refused():
    with pytest.raises(ValueError, match="bins differ"):
        MixBlocks.of([[1, 2]], [[1, 2, 3]])
    with pytest.raises(ValueError, match="two bins"):
        MixBlocks.of([[1]], [[1]])


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"limit": 0.0}, "limit"), ({"steps": 0}, "steps"), ({"min_samples": -1}, "min_samples")],
)
def test_a_rule_that_could_never_decide_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        ShiftRule(**settings)
