"""Rows as an encoder makes them, and fitted estimators beside their compiled forms."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.base import is_classifier

from perennial.artifacts.answers import TOLERANCE
from perennial.artifacts.compiled import Estimator
from perennial.artifacts.model_schema import ModelSchema
from perennial.jobs.compile.estimator import compile_estimator
from perennial_serving.model.compiled import CompiledEstimator

WIDTH = 5
CITY, SHOP = 3, 4


def rows(count: int = 300, seed: int = 0) -> np.ndarray:
    """Rounded numbers, so that thresholds lie on them, and two columns of category codes."""
    random = np.random.default_rng(seed)
    numbers = random.normal(size=(count, 3)).round(1) * [1.0, 10.0, 0.1]
    codes = random.integers(0, [12, 4], size=(count, 2))
    return np.hstack([numbers, codes])


def with_gaps(dense: np.ndarray, seed: int = 1) -> np.ndarray:
    """The same rows, a tenth of whose values is missing."""
    gaps = np.random.default_rng(seed).random(dense.shape) < 0.1
    return np.where(gaps, np.nan, dense)


def amounts(dense: np.ndarray) -> np.ndarray:
    """Positive numbers that depend on every column."""
    noise = np.random.default_rng(2).normal(size=len(dense)) / 4
    signal = np.nansum(dense[:, :3] * [1.0, 0.1, 3.0], axis=1) + np.isin(dense[:, CITY], [1, 5, 7])
    return np.exp((signal + noise) / 2)


def flags(dense: np.ndarray) -> np.ndarray:
    """Two classes: false and true."""
    return amounts(dense) > 1.2


def levels(dense: np.ndarray) -> np.ndarray:
    """Three classes: 0, 1, 2."""
    return np.digitize(amounts(dense), [0.8, 1.8])


def grades(dense: np.ndarray) -> np.ndarray:
    """Three classes, by name."""
    return np.array(["low", "middle", "top"], object)[levels(dense)]


def schema_for(estimator) -> ModelSchema:
    """The schema of a fitted estimator."""
    classes = estimator.classes_.tolist() if is_classifier(estimator) else None
    return ModelSchema.model_validate(
        {
            "problem": "Regression" if classes is None else "Classification",
            "target": "y",
            "classes": classes,
            "inputs": [
                {"name": f"x{at}", "type": "Number", "nullable": True} for at in range(WIDTH)
            ],
        }
    )


@dataclass(frozen=True)
class Both:
    """A fitted estimator and what became of it."""

    fitted: object
    stored: Estimator
    served: CompiledEstimator

    def agree(self, dense: np.ndarray) -> bool:
        """Whether both say the same of these rows, whether asked at once or one by one."""
        self._agree(dense)
        for row in dense[:8]:
            self._agree(row[np.newaxis])
        return True

    def _agree(self, dense: np.ndarray) -> None:
        with np.errstate(all="ignore"):  # as the predictor has it
            answers = self.served.answer(dense)
        expected = self.fitted.predict(dense).ravel().tolist()
        if is_classifier(self.fitted):
            assert answers.predictions == expected
            assert [*map(type, answers.predictions)] == [*map(type, expected)]
        else:
            np.testing.assert_allclose(answers.predictions, expected, TOLERANCE, TOLERANCE)
        if not hasattr(self.fitted, "predict_proba"):
            assert answers.probabilities is None
            return
        likely = self.fitted.predict_proba(dense)
        np.testing.assert_allclose(answers.probabilities, likely, TOLERANCE, TOLERANCE)


def both(fitted, folder: Path) -> Both:
    """Compile a fitted estimator, and serve what its files hold."""
    schema = schema_for(fitted)
    stored = compile_estimator(fitted, WIDTH, schema)
    stored.write(folder)
    return Both(fitted, stored, CompiledEstimator.load(folder, schema))


def on_thresholds(dense: np.ndarray, trees) -> np.ndarray:
    """Rows whose numbers are the very thresholds of trees, or stand beside them."""
    dense = dense.copy()
    random = np.random.default_rng(3)
    for feature, threshold in {(f, t) for tree in trees for f, t in _splits(tree)}:
        beside = [threshold, np.float32(threshold), np.nextafter(threshold, np.inf)]
        dense[random.integers(0, len(dense), 3), feature] = beside
    return dense


def _splits(tree) -> list[tuple[int, float]]:
    if hasattr(tree, "tree_"):
        inner = tree.tree_.children_left >= 0
        feature, threshold = tree.tree_.feature[inner], tree.tree_.threshold[inner]
    else:
        inner = (tree.nodes["is_leaf"] == 0) & (tree.nodes["is_categorical"] == 0)
        feature, threshold = tree.nodes["feature_idx"][inner], tree.nodes["num_threshold"][inner]
    finite = np.isfinite(threshold)
    return list(zip(feature[finite].tolist(), threshold[finite].tolist(), strict=True))
