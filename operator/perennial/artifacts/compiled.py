"""The format of a compiled estimator: one expression over dense rows, and how it decides.

| File | holds |
|---|---|
| `estimator.json` | the expression; arrays and trees by name |
| `arrays.npz` | coefficients, values of leaves, curves of calibration |
| `trees-N.onnx` | trees, each file one TreeEnsemble of ai.onnx.ml 5 over float64 |

An expression gives one line of scores per row.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray
from pydantic import Field, PlainSerializer, PlainValidator, SerializationInfo, ValidationInfo

from perennial.api.digests import canonical_json
from perennial.artifacts.document import Document

ESTIMATOR_FILE: Final = "estimator.json"
ARRAYS_FILE: Final = "arrays.npz"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What stands beside the expression: what is read from, and what is gathered for writing."""

    arrays: NpzFile | dict[str, NDArray[np.float64]]
    trees: dict[str, bytes] = field(default_factory=dict)


def _load_array(value: object, info: ValidationInfo) -> NDArray[np.float64]:
    array = value if info.context is None else info.context.arrays[value]
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        raise ValueError("not an array of float64")
    return array


def _name_array(array: NDArray[np.float64], info: SerializationInfo) -> str:
    arrays = info.context.arrays  # type: ignore[union-attr]  # only write() serializes
    name = f"array-{len(arrays)}"
    arrays[name] = np.ascontiguousarray(array)
    return name


def _load_trees(value: object, info: ValidationInfo) -> bytes:
    trees = value if info.context is None else info.context.trees[value]
    if not isinstance(trees, bytes):
        raise ValueError("not the bytes of a model")  # noqa: TRY004 - pydantic wants ValueError
    return trees


def _name_trees(content: bytes, info: SerializationInfo) -> str:
    trees = info.context.trees  # type: ignore[union-attr]  # only write() serializes
    name = f"trees-{len(trees)}.onnx"
    trees[name] = content
    return name


Array = Annotated[
    NDArray[np.float64],
    PlainValidator(_load_array),
    PlainSerializer(_name_array, return_type=str),
]
Onnx = Annotated[bytes, PlainValidator(_load_trees), PlainSerializer(_name_trees, return_type=str)]


class Taken(StrEnum):
    """Which numbers a part takes; it refuses a row that holds any other."""

    FINITE = "Finite"
    """Neither missing nor infinite."""
    MISSING = "Missing"
    """Finite or missing."""
    ANYTHING = "Anything"
    """Infinities too."""


class Link(StrEnum):
    """How scores become probabilities or amounts; *pair* makes two columns of one."""

    IDENTITY = "Identity"
    EXPONENTIAL = "Exponential"
    LOGISTIC_PAIR = "LogisticPair"
    DOUBLED_LOGISTIC_PAIR = "DoubledLogisticPair"
    ONE_VERSUS_REST = "OneVersusRest"
    SOFTMAX = "Softmax"
    SOFTMAX_AMONG_OTHERS = "SoftmaxAmongOthers"
    """Of scores that were first divided by the number of other classes."""
    CLIPPED_PAIR = "ClippedPair"
    CLIPPED_VERSUS_REST = "ClippedVersusRest"


class Decision(StrEnum):
    """How scores become the answer of a row, by the estimator's own rule."""

    VALUE = "Value"
    """The score itself: a regression."""
    POSITIVE = "Positive"
    """The second class above 0."""
    NOT_NEGATIVE = "NotNegative"
    """The second class from 0 on."""
    LARGEST = "Largest"
    """The class of the largest score, the first of equals."""


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
    """(1): a number above it counts 1, any other 0."""


class Activation(StrEnum):
    """What follows a hidden layer of a network."""

    IDENTITY = "identity"
    LOGISTIC = "logistic"
    RELU = "relu"
    TANH = "tanh"


class Network(Document):
    """Layers of products with an activation between them."""

    kind: Literal["Network"] = "Network"
    layers: tuple[Linear, ...] = Field(min_length=1)
    activation: Activation


class Normal(Document):
    """Logarithms of the densities of independent normal distributions, one set for each class."""

    kind: Literal["Normal"] = "Normal"
    prior: Array
    """(outputs): logarithms."""
    scale: Array
    """(outputs): what does not depend on the row."""
    means: Array
    """(outputs, width)"""
    variances: Array
    """(outputs, width)"""


class Splits(Document):
    """The same trees split by split: what each rules out; a tree's leaves are numbered in order."""

    nodes: Array
    """(splits, 6): column, bound, whether missing passes, tree, and the leaves [first, end) up to
    the bound, which a number above it rules out."""
    leaves: Array
    """(trees, most leaves): what each leaf adds; the trees of an output stand together."""
    trees: tuple[int, ...]
    """How many trees each output has."""


class Trees(Document):
    """Decision trees; each output is the sum of the leaves that a row falls into."""

    onnx: Onnx
    splits: Splits | None = None
    """For many rows at once; absent where trees are too large, or a split asks for categories."""
    outputs: int
    single: bool
    """Whether a number is rounded to float32 before it is compared."""
    taken: Taken
    whole: tuple[int, ...] = ()
    """Columns of categories: a fraction there is a category that nobody knows, hence missing."""


class Sums(Document):
    """The sums of trees, divided."""

    kind: Literal["Sums"] = "Sums"
    trees: Trees
    divisor: int = Field(default=1, ge=1)


class Leaves(Document):
    """The sum over trees of a table's lines, divided; output t of the trees is a line's number."""

    kind: Literal["Leaves"] = "Leaves"
    trees: Trees
    table: Array
    """(leaves of all trees, outputs)"""
    divisor: Array
    """(1)"""


class Median(Document):
    """The weighted median over trees, each of which is an output of its own."""

    kind: Literal["Median"] = "Median"
    trees: Trees
    weights: Array
    """(trees)"""


class Linked(Document):
    """Scores put through a link."""

    kind: Literal["Linked"] = "Linked"
    of: "Expression"
    link: Link


class Sigmoid(Document):
    """1 / (1 + exp(slope * x + offset))."""

    kind: Literal["Sigmoid"] = "Sigmoid"
    slope_and_offset: Array


class Isotonic(Document):
    """Straight lines between points, flat outside."""

    kind: Literal["Isotonic"] = "Isotonic"
    points: Array
    """(2, points): where, and how high."""


Curve = Annotated[Sigmoid | Isotonic, Field(discriminator="kind")]


class Calibrated(Document):
    """One curve for each of some columns, made probabilities."""

    kind: Literal["Calibrated"] = "Calibrated"
    of: "Expression"
    columns: tuple[int, ...]
    """Columns of the scores that the curves take."""
    curves: tuple[Curve, ...]
    classes: tuple[int, ...]
    """Which class each curve speaks of."""
    outputs: int
    """Number of classes."""


class Tempered(Document):
    """Softmax of scores, or of logarithms of probabilities, times an inverse temperature."""

    kind: Literal["Tempered"] = "Tempered"
    of: "Expression"
    of_probabilities: bool
    beta: Array
    """(1)"""


class Mean(Document):
    """The weighted mean of parts of equal width."""

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
    """How to read it."""
    width: int = Field(ge=1)
    """Number of columns of a dense row."""
    scores: Expression
    """What is computed."""
    decision: Decision
    """How it decides."""
    probabilities: Link | None = None
    """How scores become probabilities; absent where the estimator gives none."""

    def write(self, folder: Path) -> None:
        """Write its files; the same estimator gives the same bytes."""
        parts = _Parts(arrays={})
        text = canonical_json(self.model_dump(mode="json", by_alias=True, context=parts))
        (folder / ESTIMATOR_FILE).write_text(text)
        arrays = dict(parts.arrays.items())
        np.savez(folder / ARRAYS_FILE, **arrays)  # type: ignore[arg-type]  # no name is an option
        for name, content in parts.trees.items():
            (folder / name).write_bytes(content)


def load_estimator(folder: Path) -> Estimator:
    """Read the files of a compiled estimator, which were verified against the manifest."""
    trees = {path.name: path.read_bytes() for path in sorted(folder.glob("trees-*.onnx"))}
    with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
        return Estimator.model_validate_json(
            (folder / ESTIMATOR_FILE).read_text(), context=_Parts(arrays, trees)
        )
