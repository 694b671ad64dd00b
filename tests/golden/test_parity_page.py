"""The page of the parity suite: its words, and one line for each pipeline that is compared."""

import pytest

from builders.parity_table import PARITY_PAGE, Line, page, published
from builders.pipelines import cases
from perennial.artifacts.tier import Serving, Tier
from perennial.jobs.compile.estimator import _COMPILERS
from perennial.jobs.compile.preprocessing import _COVERED

COMPILED = Serving(tier=Tier.COMPILED, rows=12_000, difference=3e-16)


def test_the_page_has_one_line_for_each_pipeline():
    told = [(line.name, line.kind, line.tier) for line in published()]
    assert told == [(case.name, case.kind, case.tier) for case in cases()]


def test_the_page_has_the_words_of_its_source():
    assert PARITY_PAGE.read_text() == page(published())


def test_all_that_has_a_compiled_form_is_compared():
    made = [case.make() for case in cases() if case.tier is Tier.COMPILED]
    estimators = {type(pipeline[-1]) for pipeline in made}
    encoders = {
        type(part)
        for transformer, _ in made
        for part in (transformer, *transformer.get_params().values())
    }
    assert _COMPILERS.keys() - estimators == set()
    assert _COVERED.keys() - encoders == set()


@pytest.mark.parametrize("told", [0.0, 3e-16])
@pytest.mark.parametrize("seen", [0.0, 9e-15])
def test_a_line_leaves_a_power_of_ten_to_the_processor(told, seen):
    line = Line.of("Ridge", "regression", COMPILED.model_copy(update={"difference": told}))
    assert line.tells(COMPILED.model_copy(update={"difference": seen}))


@pytest.mark.parametrize(
    "otherwise",
    [{"tier": Tier.ENCODED}, {"reason": "Ridge has no compiled form"}, {"difference": 2e-14}],
    ids=lambda otherwise: next(iter(otherwise)),
)
def test_a_line_does_not_tell_what_is_otherwise(otherwise):
    line = Line.of("Ridge", "regression", COMPILED)
    assert not line.tells(COMPILED.model_copy(update=otherwise))
