import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

from builders.designs import design, rows
from builders.training import table
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.artifacts.tier import Serving, Tier
from perennial.jobs.compile import estimator as compiler
from perennial.jobs.parity.choose_tier import choose_tier
from perennial.jobs.parity.rows import ParityRows
from perennial.jobs.recipe.fit import fitted
from perennial.jobs.table.vocabulary import described
from perennial_serving.model.loading import load_predictor

ENCODER = {"encoder.json"}
ESTIMATOR = {"estimator.json", "arrays.npz"}


def predictor(estimator=None, scaler=None) -> TrainedPipeline:
    """Return a fitted pipeline, with an estimator or a scaler of the test's own."""
    stated, learned = design(estimator="LogisticRegression"), rows()
    schema = stated.schema.model_copy(
        update={"inputs": described(stated.schema.inputs, learned.frame)}
    )
    pipeline = fitted(stated, learned)
    pipeline.set_params(
        estimator=estimator or LogisticRegression(),
        columns__numbers__standardscaler=scaler or StandardScaler(),
    )
    return TrainedPipeline(schema, pipeline.fit(learned.frame, learned.target))


def chosen(folder, of: TrainedPipeline) -> Serving:
    """Choose a tier, and check that it is written down."""
    serving = choose_tier(folder, of, rows(of=table(80, seed=3)).frame, seed=0)
    stored = Serving.model_validate_json((folder / "serving.json").read_text())
    assert stored == serving
    return serving


def files(folder) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"serving.json"}


def test_what_agrees_is_served_compiled(tmp_path):
    serving = chosen(tmp_path, predictor())
    assert (serving.tier, serving.reason) == (Tier.COMPILED, None)
    assert serving.rows > 10_000
    assert serving.difference < 1e-14
    assert files(tmp_path) == ENCODER | ESTIMATOR


def test_what_has_no_compiled_estimator_is_served_encoded(tmp_path):
    serving = chosen(tmp_path, predictor(KNeighborsClassifier(algorithm="brute")))
    assert serving.tier is Tier.ENCODED
    assert serving.reason == "KNeighborsClassifier has no compiled form"
    assert serving.rows > 10_000
    assert files(tmp_path) == ENCODER


def test_what_has_no_encoder_is_served_as_a_pipeline(tmp_path):
    serving = chosen(tmp_path, predictor(scaler=QuantileTransformer(n_quantiles=20)))
    assert serving.tier is Tier.PIPELINE
    assert "QuantileTransformer" in serving.reason
    assert (serving.rows, files(tmp_path)) == (0, set())


def test_what_does_not_repeat_itself_is_served_as_a_pipeline(tmp_path):
    serving = chosen(tmp_path, predictor(DummyClassifier(strategy="uniform")))
    assert serving.tier is Tier.PIPELINE
    assert serving.reason.startswith(
        "DummyClassifier draws its answers: uniform; "
        "the Encoded form does not repeat the pipeline: its label differs in "
    )
    assert files(tmp_path) == set()


def test_what_the_pipeline_refuses_may_be_refused(tmp_path):
    strict = predictor()
    strict.pipeline.set_params(columns__categories=OneHotEncoder(sparse_output=False))
    learned = rows()
    strict.pipeline.fit(learned.frame, learned.target)
    assert chosen(tmp_path, strict).tier is Tier.COMPILED


def test_what_is_hardly_ever_answered_is_served_as_a_pipeline(tmp_path):
    class Silent(LogisticRegression):
        def predict(self, X):  # noqa: N803 - scikit-learn's name
            raise ValueError("no answer")

    serving = chosen(tmp_path, predictor(Silent()))
    assert serving.tier is Tier.PIPELINE
    assert "the pipeline answers too few rows to compare it with: " in serving.reason


def test_the_chosen_files_are_what_a_server_loads(tmp_path):
    made = predictor()
    chosen(tmp_path, made)
    assert load_predictor(tmp_path, made.schema).tier is Tier.COMPILED


def failing(error: BaseException):
    """Return a compiler that has a fault."""

    def compile_nothing(_estimator, _width):
        raise error

    return compile_nothing


def test_a_fault_of_the_compiler_leads_to_the_next_tier_and_is_told(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    fault = failing(ZeroDivisionError("no trees " * 100))
    monkeypatch.setitem(compiler._COMPILERS, LogisticRegression, fault)
    serving = chosen(tmp_path, predictor())
    assert serving.tier is Tier.ENCODED
    assert serving.reason.startswith(
        "the Compiled form cannot be built or evaluated: ZeroDivisionError: no trees no trees "
    )
    assert len(serving.reason) == 512
    assert serving.rows > 10_000
    assert files(tmp_path) == ENCODER
    said = capsys.readouterr()
    assert "compile_nothing" in said.err  # where it happened, for whoever mends it
    assert "not tier Compiled: the Compiled form cannot be built or evaluated" in said.out


def test_a_fault_of_the_rows_to_compare_fails_no_training_and_is_told(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    def blocks(_rows, _pipeline):
        raise ZeroDivisionError("no rows")

    monkeypatch.setattr(ParityRows, "blocks", blocks)
    serving = chosen(tmp_path, predictor())
    assert serving.tier is Tier.PIPELINE
    assert (
        serving.reason
        == "the rows to compare cannot be built or evaluated: ZeroDivisionError: no rows"
    )
    assert files(tmp_path) == set()


def test_too_little_memory_is_no_reason_to_serve_more_slowly(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(compiler._COMPILERS, LogisticRegression, failing(MemoryError()))
    with pytest.raises(MemoryError):
        chosen(tmp_path, predictor())
    assert files(tmp_path) == set()
