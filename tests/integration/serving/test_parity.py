"""Every pipeline with a compiled form answers as scikit-learn does, on rows with round values.

docs/reference/parity.md tells what is seen; `--update-golden` writes it anew.
"""

import pytest

from builders.parity_table import PARITY_PAGE, Line, page, published
from builders.pipelines import Case, cases
from builders.rounded_flights import Part, flights, schema_of
from perennial.artifacts.answers import TOLERANCE
from perennial.artifacts.compiled import Trees
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.tier import Serving, Tier
from perennial.jobs.compile.estimator import compile_estimator
from perennial.jobs.compile.preprocessing import compile_preprocessing
from perennial.jobs.parity.cells import Cells
from perennial.jobs.parity.choose_tier import choose_tier
from perennial.jobs.parity.compare import DisagreementError, compare
from perennial.jobs.parity.rows import ParityRows
from perennial.jobs.recipe.threads import reproducible
from perennial_serving.model.compiled import CompiledPredictor
from perennial_serving.model.pipeline import PipelinePredictor

CASES = tuple(cases())
REWRITE = "`pytest tests/integration/serving/test_parity.py --update-golden` writes it anew"


@pytest.fixture(scope="module")
def parts():
    return flights()


@pytest.fixture(scope="module")
def told():
    return {(line.name, line.kind): line for line in published()}


@pytest.fixture(scope="module")
def seen(request):
    """Collect what each case shows; the page is written when all have run."""
    found: dict[str, Line] = {}
    yield found
    if request.config.getoption("--update-golden") and len(found) == len(CASES):
        PARITY_PAGE.write_text(page(found[case.id] for case in CASES))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_the_compiled_form_repeats_the_pipeline(case: Case, parts, seen, told, request, tmp_path):
    serving = served(case, parts, tmp_path)
    seen[case.id] = line = Line.of(case.name, case.kind, serving)
    assert (serving.tier, serving.reason is None) == (case.tier, case.tier is Tier.COMPILED), (
        serving.reason
    )
    if case.tier is not Tier.PIPELINE:
        assert serving.rows > 10_000
        assert serving.difference <= TOLERANCE
    if not request.config.getoption("--update-golden"):
        on_page = told.get((case.name, case.kind))
        assert on_page is not None, f"{PARITY_PAGE.name} lacks {line}; {REWRITE}"
        assert on_page.tells(serving), f"{PARITY_PAGE.name} has {on_page} for {line}; {REWRITE}"


WITH_TREES = [
    case
    for case in CASES
    if case.id
    in (
        "DecisionTreeClassifier-binary",
        "ExtraTreesRegressor-regression",
        "GradientBoostingClassifier-binary",
        "HistGradientBoostingClassifier with categories-binary",
        "HistGradientBoostingRegressor squared_error-regression",
    )
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", WITH_TREES, ids=[case.id for case in WITH_TREES])
def test_rows_next_to_thresholds_tell_a_rounding_too_few_or_too_many(case: Case, parts, tmp_path):
    predictor, held_out = learned(case, parts)
    rows = ParityRows(predictor.schema, Cells.of_frame(predictor.schema, held_out.frame), seed=0)
    with reproducible():
        blocks = [one for one in rows.blocks(predictor.pipeline) if "thresholds" in one.kind]
        candidate = rounding_otherwise(predictor, tmp_path)
        with pytest.raises(DisagreementError, match="next to thresholds"):
            compare(PipelinePredictor(predictor), candidate, blocks)


def rounding_otherwise(predictor: TrainedPipeline, folder) -> CompiledPredictor:
    """Compile trees that round numbers to float32 where scikit-learn does not, or the reverse."""
    encoder = compile_preprocessing(predictor.pipeline[0], predictor.schema)
    estimator = compile_estimator(predictor.pipeline[-1], encoder.width, predictor.schema)
    encoder.write(folder)
    _with_other_trees(estimator).write(folder)
    return CompiledPredictor.load(folder, predictor.schema)


def _with_other_trees(part):
    """Return an expression whose trees, however deep they stand, take the other width."""
    if isinstance(part, Trees):
        return part.model_copy(update={"single": not part.single})
    field = next(name for name in ("scores", "trees", "of") if hasattr(part, name))
    return part.model_copy(update={field: _with_other_trees(getattr(part, field))})


def served(case: Case, parts, folder) -> Serving:
    predictor, held_out = learned(case, parts)
    with reproducible():
        return choose_tier(folder, predictor, held_out.frame, seed=0)


def learned(case: Case, parts) -> tuple[TrainedPipeline, Part]:
    """Fit a case; return it with the rows that it did not see."""
    trained, held_out = parts
    with reproducible():
        pipeline = case.make().fit(trained.frame, trained.targets[case.kind])
    return TrainedPipeline(schema_of(case.kind, trained), pipeline), held_out
