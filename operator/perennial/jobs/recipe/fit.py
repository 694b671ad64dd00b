"""Fits a pipeline; an error of scikit-learn becomes a failure with a remedy."""

from sklearn.pipeline import Pipeline

from perennial.api.reasons import JobReason
from perennial.jobs.recipe.design import Design
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.report import JobFailure
from perennial.jobs.table.rows import Rows

_LONGEST_MESSAGE = 300


def fitted(design: Design, rows: Rows) -> Pipeline:
    """Return the fitted pipeline; raise JobFailure if scikit-learn rejects the recipe or rows."""
    pipeline = build(design)
    try:
        return pipeline.fit(rows.frame, rows.target)
    except MemoryError:
        raise
    except Exception as error:
        raise JobFailure(
            JobReason.FIT_FAILED,
            f"{design.name} cannot be fitted: {_shortened(error)}; change "
            "spec.training.recipe, or the rows of the Dataset",
            in_spec=True,
        ) from error


def _shortened(error: Exception) -> str:
    text = " ".join(str(error).split()).removesuffix(".")
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[: _LONGEST_MESSAGE - 1]}…"
