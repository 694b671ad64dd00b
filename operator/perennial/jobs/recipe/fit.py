"""One fit, whose failure is told in words that lead to the remedy."""

from sklearn.pipeline import Pipeline

from perennial.api.reasons import JobReason
from perennial.jobs.recipe.design import Design
from perennial.jobs.recipe.pipeline import build
from perennial.jobs.report import JobFailure
from perennial.jobs.table.rows import Rows

_LONGEST_WORDS = 300


def fitted(design: Design, rows: Rows) -> Pipeline:
    """Return the pipeline, fitted; what scikit-learn refuses, it will refuse again."""
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
    words = " ".join(str(error).split()).removesuffix(".")
    return words if len(words) <= _LONGEST_WORDS else f"{words[: _LONGEST_WORDS - 1]}…"
