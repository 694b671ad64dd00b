"""Rows on which two ways of computing one model are most likely to differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.jobs.parity.boundaries import Floats, boundaries, evenly
from perennial.jobs.parity.thresholds import thresholds_of
from perennial.jobs.progress import log_progress
from perennial_serving.model.batch import Batch
from perennial_serving.model.columns import Columns
from perennial_serving.model.pipeline import frame_of_batch

FEWEST_ROWS: Final = 10_000
MOST_ROWS: Final = 20_000
_TOGETHER: Final = 500
"""Rows of one block; a block that the pipeline refuses is looked at row by row."""
_MOST_NEAR: Final = 20_000
"""Values next to thresholds, about as many of each number."""
_MOST_OF_A_SEARCH: Final = 5
"""Values that one threshold costs: four that are met, and one that occurred."""
_MOST_OCCURRED: Final = 1_000
"""Values of one number among the held-out rows that are tried."""
_MOST_KNOWN: Final = 2_000
"""Rows of categories that training saw: as many of them, where there are so many."""
_REPEATS: Final = 4
"""Rows that try one extreme value of one column, each with other values around it."""
_REPEATED_INPUTS: Final = 20
"""Where there are more inputs, each is tried in fewer rows."""
_BASES: Final = 20
"""Rows of which the first that is not refused is the one whose numbers are changed."""
_UNSEEN: Final = ("", " ", "\x00", "nan", "None", "unheard of", "ÀÉ中🙂", "x" * 300)
_EXTREMES: Final = (
    *(0.0, -0.0, 5e-324, -5e-324, 1e-300, 0.1, 1.0, -1.0),
    *(1e9, -1e9, 2.0**24 + 1, 2.0**53, 1e16, -1e16),
    # the largest float32, and what rounds to more than it
    *(3.4028234663852886e38, 3.5e38, -3.5e38, 1e300, -1e300),
)
_TIMES: Final = (-62_135_596_800.0, 253_402_300_799.999)
"""The years 1 to 9999, as RFC 3339 has them."""

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one kind."""

    kind: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows by kind of column, each in the order of the schema."""

    numbers: Floats
    texts: NDArray[np.object_]

    @classmethod
    def of_frame(cls, schema: ModelSchema, frame: pd.DataFrame) -> Self:
        """Take the rows of a canonical frame."""
        numbers, texts = ([one.name for one in many] for many in (schema.numbers, schema.texts))
        objects = frame[texts].astype(object)
        return cls(
            frame[numbers].to_numpy(dtype=np.float64),
            objects.where(objects.notna(), None).to_numpy(dtype=object),
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.numbers)

    def batch(self, columns: Columns) -> Batch:
        """Return the rows as a server sees them."""
        return columns.of_columns(list(self.numbers.T), self.texts.T.tolist())

    def take(self, positions: Positions) -> Self:
        """Return some of the rows."""
        return replace(self, numbers=self.numbers[positions], texts=self.texts[positions])

    def with_numbers(self, place: int, values: Floats | float) -> Self:
        """Return the rows with other values in one column of numbers."""
        numbers = self.numbers.copy()
        numbers[:, place] = values
        return replace(self, numbers=numbers)

    def with_texts(self, place: int, values: NDArray[np.object_] | None) -> Self:
        """Return the rows with other values in one column of texts."""
        texts = self.texts.copy()
        texts[:, place] = values
        return replace(self, texts=texts)


@dataclass(frozen=True, slots=True)
class ParityRows:
    """Makes the rows from held-out ones; equal seeds make equal rows."""

    schema: ModelSchema
    held_out: Cells
    seed: int

    def blocks(self, pipeline: Pipeline) -> Iterator[Block]:
        """Yield all rows, those of one kind together, for a pipeline whose thresholds matter."""
        columns = Columns(self.schema)
        for kind, cells in self._kinds(pipeline, np.random.default_rng(self.seed)):
            for start in range(0, cells.rows, _TOGETHER):
                some = cells.take(np.arange(start, min(start + _TOGETHER, cells.rows)))
                yield Block(kind, some.batch(columns))

    def _kinds(
        self, pipeline: Pipeline, random: np.random.Generator
    ) -> Iterator[tuple[str, Cells]]:
        yield "held-out rows", self._sampled(random)
        yield "mixed held-out rows", self._mixed(random)
        yield from self._without_values(random)
        yield from self._known(random)
        yield from self._unseen(random)
        yield from self._extremes(random)
        yield from self._next_to_thresholds(pipeline, random)

    @property
    def _repeats(self) -> int:
        return max(1, _REPEATS * _REPEATED_INPUTS // max(len(self.schema.inputs), _REPEATED_INPUTS))

    @property
    def _near(self) -> int:
        """Values next to thresholds that are one number's share."""
        return _MOST_NEAR // max(1, len(self.schema.numbers))

    def _sampled(self, random: np.random.Generator) -> Cells:
        if self.held_out.rows <= MOST_ROWS:
            return self.held_out
        chosen = random.choice(self.held_out.rows, MOST_ROWS, replace=False)
        return self.held_out.take(np.sort(chosen))

    def _mixed(self, random: np.random.Generator) -> Cells:
        """Fill up to the fewest rows, each column drawn by itself."""
        shape = max(FEWEST_ROWS - self.held_out.rows, _TOGETHER), 1
        numbers, texts = self.held_out.numbers, self.held_out.texts
        return Cells(
            numbers[
                random.integers(0, len(numbers), (shape[0], numbers.shape[1])), _along(numbers)
            ],
            texts[random.integers(0, len(texts), (shape[0], texts.shape[1])), _along(texts)],
        )

    def _some(self, rows: int, random: np.random.Generator) -> Cells:
        return self.held_out.take(random.integers(0, self.held_out.rows, rows))

    def _without_values(self, random: np.random.Generator) -> Iterator[tuple[str, Cells]]:
        rows = len(_UNSEEN) * self._repeats
        for place, one in enumerate(self.schema.numbers):
            yield f"rows without {one.name}", self._some(rows, random).with_numbers(place, np.nan)
        for place, one in enumerate(self.schema.texts):
            yield f"rows without {one.name}", self._some(rows, random).with_texts(place, None)
        nothing = Cells(
            np.full((1, len(self.schema.numbers)), np.nan),
            np.full((1, len(self.schema.texts)), None, dtype=object),
        )
        yield "a row without any value", nothing

    def _known(self, random: np.random.Generator) -> Iterator[tuple[str, Cells]]:
        """Try every category that training saw, all texts at once, each in an order of its own."""
        categories = [np.array(one.categories or (), np.object_) for one in self.schema.texts]
        rows = min(_REPEATS * max(map(len, categories), default=0), _MOST_KNOWN)
        changed = self._some(rows, random)
        for place, known in enumerate(categories):
            shuffled = random.permutation(np.resize(evenly(known, rows), rows))
            changed = changed.with_texts(place, shuffled if len(known) else None)
        yield "categories that training saw", changed

    def _unseen(self, random: np.random.Generator) -> Iterator[tuple[str, Cells]]:
        for place, one in enumerate(self.schema.texts):
            known = one.categories or ()
            near = [f"{known[0]} ", known[0].swapcase()] if known else []
            values = np.array([*_UNSEEN, *near] * self._repeats, dtype=object)
            changed = self._some(len(values), random).with_texts(place, values)
            yield f"values of {one.name} that training did not see", changed

    def _extremes(self, random: np.random.Generator) -> Iterator[tuple[str, Cells]]:
        for place, one in enumerate(self.schema.numbers):
            for value in _extremes_of(one):
                changed = self._some(self._repeats, random).with_numbers(place, value)
                yield f"{one.name} = {value:g}", changed
            # a reason in a status does not tell what the rows hold
            for value in _ends_of(one):
                changed = self._some(self._repeats, random).with_numbers(place, value)
                yield f"{one.name} at an end of its range", changed

    def _next_to_thresholds(
        self, pipeline: Pipeline, random: np.random.Generator
    ) -> Iterator[tuple[str, Cells]]:
        met = self._met(pipeline)
        for place, one in enumerate(self.schema.numbers):
            # a tree's threshold may be a value that occurred
            occurred = evenly(_occurred(self.held_out, place), min(_MOST_OCCURRED, self._near // 2))
            values = np.unique(np.concatenate([met[place], occurred]))
            if one.type is not ColumnType.BOOLEAN and len(values):
                changed = self._some(len(values), random).with_numbers(place, values)
                yield f"values of {one.name} next to thresholds", changed

    def _met(self, pipeline: Pipeline) -> list[Floats]:
        """Return the values of each number where one more ulp may change the answer."""
        columns = Columns(self.schema)

        def encoded(cells: Cells) -> Floats:
            return _dense(pipeline[0].transform(frame_of_batch(self.schema, cells.batch(columns))))

        base = self._most_complete(encoded)

        def encode(numbers: Floats) -> Floats:
            return encoded(Cells(numbers, np.repeat(base.texts, len(numbers), axis=0)))

        thresholds = thresholds_of(pipeline[-1])
        most = self._near // _MOST_OF_A_SEARCH
        met = boundaries(encode, base.numbers[0], self.held_out.numbers, thresholds, most)
        self._say_what_is_refused(met)
        return [np.empty(0) if values is None else values for values in met]

    def _say_what_is_refused(self, met: Sequence[Floats | None]) -> None:
        both = zip(self.schema.numbers, met, strict=True)
        if names := [one.name for one, values in both if values is None]:
            what = "the pipeline refuses values between those that occurred"
            log_progress(f"thresholds are not compared for {', '.join(names)}: {what}")

    def _most_complete(self, encoded: Callable[[Cells], Floats]) -> Cells:
        """Return the most complete of the rows that are not refused, if there are any."""
        missing = np.isnan(self.held_out.numbers).sum(axis=1)
        missing = missing + pd.isna(self.held_out.texts).sum(axis=1)
        rows = [self.held_out.take(at) for at in np.argsort(missing, kind="stable")[:_BASES, None]]
        return next((row for row in rows if _is_taken(encoded, row)), rows[0])


def _is_taken(encoded: Callable[[Cells], Floats], rows: Cells) -> bool:
    try:
        encoded(rows)
    except ValueError:
        return False
    return True


def _dense(told: Any) -> Floats:  # noqa: ANN401 - a matrix of any kind, or a frame
    return np.asarray(told.toarray() if hasattr(told, "toarray") else told, np.float64)


def _along(cells: Floats | NDArray[np.object_]) -> Positions:
    return np.arange(cells.shape[1])


def _occurred(cells: Cells, place: int) -> Floats:
    values = np.unique(cells.numbers[:, place])
    return values[np.isfinite(values)]


def _extremes_of(one: Input) -> tuple[float, ...]:
    """Return values that a caller can send, from one end of what a type allows to the other."""
    match one.type:
        case ColumnType.BOOLEAN:
            return 0.0, 1.0
        case ColumnType.TIMESTAMP:
            return _TIMES
        case ColumnType.INTEGER:
            return tuple(value for value in _EXTREMES if value.is_integer())
        case _:
            return _EXTREMES


def _ends_of(one: Input) -> list[float]:
    """Return the ends of what occurred and of what the contract allows, and their neighbours."""
    limits = (one.minimum, one.maximum, one.contract_minimum, one.contract_maximum)
    stated = [limit for limit in limits if limit is not None]
    if one.type is not ColumnType.NUMBER:
        return stated
    beside = (np.nextafter(limit, end) for limit in stated for end in (-np.inf, np.inf))
    return [*stated, *map(float, beside)]
