"""The format of a compiled estimator: an expression over dense rows, and its decision rule.

| File | holds |
|---|---|
| `estimator.json` | the expression; arrays and trees by name |
| `arrays.npz` | coefficients, values of leaves, curves of calibration |
| `trees-N.onnx` | trees, each file one TreeEnsemble of ai.onnx.ml 5 over float64 |

An expression maps dense rows (rows, width) to scores (rows, outputs).
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import Field

from perennial.api.digests import canonical_json
from perennial.artifacts.arrays import Array, Onnx, Parts
from perennial.artifacts.document import Document

ESTIMATOR_FILE: Final = "estimator.json"
ARRAYS_FILE: Final = "arrays.npz"


class Taken(StrEnum):
    """The numbers that a part accepts; a row with any other is rejected."""

    FINITE = "Finite"
    """Neither missing nor infinite."""
    MISSING = "Missing"
    """Finite or missing."""
    ANYTHING = "Anything"
    """Finite, missing or infinite."""


class Link(StrEnum):
    """The function from scores to probabilities or numbers; *pair* makes two columns of one."""

    IDENTITY = "Identity"
    EXPONENTIAL = "Exponential"
    LOGISTIC_PAIR = "LogisticPair"
    DOUBLED_LOGISTIC_PAIR = "DoubledLogisticPair"
    ONE_VERSUS_REST = "OneVersusRest"
    SOFTMAX = "Softmax"
    SOFTMAX_AMONG_OTHERS = "SoftmaxAmongOthers"
    """Softmax of scores divided by the number of other classes."""
    CLIPPED_PAIR = "ClippedPair"
    CLIPPED_VERSUS_REST = "ClippedVersusRest"


class Decision(StrEnum):
    """The rule by which the estimator predicts from scores."""

    VALUE = "Value"
    """The score itself: a regression."""
    POSITIVE = "Positive"
    """The second class if the score is above 0."""
    NOT_NEGATIVE = "NotNegative"
    """The second class if the score is at least 0."""
    LARGEST = "Largest"
    """The class with the largest score; the first of equals."""


class Constant(Document):
    """The same scores for every row."""

    kind: Literal["Constant"] = "Constant"
    scores: Array
    """(outputs)"""


class Linear(Document):
    """(x - centre) @ coefficients + intercept."""

    kind: Literal["Linear"] = "Linear"
    coefficients: Array
    """(width, outputs)"""
    intercept: Array
    """(outputs)"""
    centre: Array | None = None
    """(width)"""
    above: Array | None = None
    """(1): binarizes the row: 1 above it, 0 otherwise."""


class Activation(StrEnum):
    """The activation of the hidden layers of a network."""

    IDENTITY = "identity"
    LOGISTIC = "logistic"
    RELU = "relu"
    TANH = "tanh"


class Network(Document):
    """A multi-layer perceptron: linear layers with an activation between them."""

    kind: Literal["Network"] = "Network"
    layers: tuple[Linear, ...] = Field(min_length=1)
    activation: Activation


class Normal(Document):
    """Log densities of independent normal distributions, one set per class."""

    kind: Literal["Normal"] = "Normal"
    prior: Array
    """(outputs): log priors."""
    scale: Array
    """(outputs): the log normalization, which does not depend on the row."""
    means: Array
    """(outputs, width)"""
    variances: Array
    """(outputs, width)"""


class Splits(Document):
    """The same trees split by split, with the leaves that each split excludes (QuickScorer)."""

    nodes: Array
    """(splits, 6): column, bound, whether missing passes, tree, and the leaves [first, end) that
    a number above the bound excludes."""
    leaves: Array
    """(trees, most leaves): leaf values; the trees of an output are adjacent."""
    trees: tuple[int, ...]
    """Number of trees per output."""


class Trees(Document):
    """Decision trees; each output is the sum of the leaf values of a row."""

    onnx: Onnx
    splits: Splits | None = None
    """For many rows at once; None if trees are too large or split on categories."""
    outputs: int
    single: bool
    """Whether numbers are rounded to float32 before they are compared."""
    taken: Taken
    whole: tuple[int, ...] = ()
    """Columns of categories: a fraction there is an unknown category, and treated as missing."""


class Sums(Document):
    """The sums of the trees, divided by a number."""

    kind: Literal["Sums"] = "Sums"
    trees: Trees
    divisor: int = Field(default=1, ge=1)


class Leaves(Document):
    """Rows of a table, summed over the trees and divided; output t is the row of tree t."""

    kind: Literal["Leaves"] = "Leaves"
    trees: Trees
    table: Array
    """(leaves of all trees, outputs)"""
    divisor: Array
    """(1)"""


class Median(Document):
    """The weighted median over trees, each with an output of its own."""

    kind: Literal["Median"] = "Median"
    trees: Trees
    weights: Array
    """(trees)"""


class Linked(Document):
    """Scores after a link."""

    kind: Literal["Linked"] = "Linked"
    of: "Expression"
    link: Link


class Sigmoid(Document):
    """1 / (1 + exp(slope * x + offset))."""

    kind: Literal["Sigmoid"] = "Sigmoid"
    slope_and_offset: Array


class Isotonic(Document):
    """Linear interpolation between points, constant outside."""

    kind: Literal["Isotonic"] = "Isotonic"
    points: Array
    """(2, points): x and y."""


Curve = Annotated[Sigmoid | Isotonic, Field(discriminator="kind")]


class Calibrated(Document):
    """Calibrated probabilities: one curve per column, then normalized."""

    kind: Literal["Calibrated"] = "Calibrated"
    of: "Expression"
    columns: tuple[int, ...]
    """Columns of the scores, one per curve."""
    curves: tuple[Curve, ...]
    classes: tuple[int, ...]
    """Class of each curve."""
    outputs: int
    """Number of classes."""


class Tempered(Document):
    """Softmax of scores, or of log probabilities, times an inverse temperature."""

    kind: Literal["Tempered"] = "Tempered"
    of: "Expression"
    of_probabilities: bool
    beta: Array
    """(1)"""


class Mean(Document):
    """The weighted mean of expressions of equal width."""

    kind: Literal["Mean"] = "Mean"
    parts: tuple["Expression", ...] = Field(min_length=1)
    weights: Array | None = None


Expression = Annotated[
    Constant
    | Linear
    | Network
    | Normal
    | Sums
    | Leaves
    | Median
    | Linked
    | Calibrated
    | Tempered
    | Mean,
    Field(discriminator="kind"),
]


class Estimator(Document):
    """A compiled estimator."""

    format: Literal["perennial.dev/estimator/v1"] = "perennial.dev/estimator/v1"
    """Version of the format."""
    width: int = Field(ge=1)
    """Number of columns of a dense row."""
    scores: Expression
    """The expression."""
    decision: Decision
    """The rule of the prediction."""
    probabilities: Link | None = None
    """The function from scores to probabilities; None if the estimator gives none."""

    def write(self, folder: Path) -> None:
        """Write the files; equal estimators give equal bytes."""
        parts = Parts(arrays={})
        text = canonical_json(self.model_dump(mode="json", by_alias=True, context=parts))
        (folder / ESTIMATOR_FILE).write_text(text)
        arrays = dict(parts.arrays.items())
        np.savez(folder / ARRAYS_FILE, **arrays)  # type: ignore[arg-type]  # no name is an option
        for name, content in parts.trees.items():
            (folder / name).write_bytes(content)


def load_estimator(folder: Path) -> Estimator:
    """Read the verified files of a compiled estimator."""
    trees = {path.name: path.read_bytes() for path in sorted(folder.glob("trees-*.onnx"))}
    with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
        return Estimator.model_validate_json(
            (folder / ESTIMATOR_FILE).read_text(), context=Parts(arrays, trees)
        )
