"""Rows on which a pipeline and its compiled form are most likely to differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from perennial.api.column_type import ColumnType
from perennial.artifacts.model_schema import Input, ModelSchema
from perennial.jobs.parity.boundaries import evenly
from perennial.jobs.parity.cells import Block, Cells, Floats, Positions
from perennial.jobs.parity.near_thresholds import values_near_thresholds
from perennial_serving.model.columns import Columns

FEWEST_ROWS: Final = 10_000
MOST_ROWS: Final = 20_000
_TOGETHER: Final = 500
"""Rows of one block; a block that the pipeline rejects is compared row by row."""
_MOST_NEAR: Final = 20_000
"""Values next to thresholds, in about equal shares for the numeric inputs."""
_MOST_OF_A_SEARCH: Final = 5
"""Values per threshold: two neighbours, in float64 and in float32, and one that occurred."""
_MOST_OCCURRED: Final = 1_000
"""Distinct held-out values of one numeric input."""
_MOST_KNOWN: Final = 2_000
"""Rows of known categories, and the categories of one input that are tried."""
_REPEATS: Final = 4
"""Rows per extreme value, each with other values in the remaining columns."""
_REPEATED_INPUTS: Final = 20
"""With more inputs than this, each is repeated in fewer rows."""
_UNSEEN: Final = ("", " ", "\x00", "nan", "None", "unheard of", "ÀÉ中🙂", "x" * 300)
_EXTREMES: Final = (
    *(0.0, -0.0, 5e-324, -5e-324, 1e-300, 0.1, 1.0, -1.0),
    *(1e9, -1e9, 2.0**24 + 1, 2.0**53, 1e16, -1e16),
    # the largest float32, and what rounds to more than it
    *(3.4028234663852886e38, 3.5e38, -3.5e38, 1e300, -1e300),
)
_TIMES: Final = (-62_135_596_800.0, 253_402_300_799.999)
"""From the year 1 to the year 9999: the range of RFC 3339."""


@dataclass(frozen=True, slots=True)
class ParityRows:
    """Generates the rows from held-out ones; equal seeds give equal rows."""

    schema: ModelSchema
    held_out: Cells
    seed: int

    def blocks(self, pipeline: Pipeline) -> Iterator[Block]:
        """Yield all rows, grouped by kind; the pipeline's thresholds determine the last kind."""
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
        yield from self._near_thresholds(pipeline, random)

    @property
    def _repeats(self) -> int:
        return max(1, _REPEATS * _REPEATED_INPUTS // max(len(self.schema.inputs), _REPEATED_INPUTS))

    @property
    def _near(self) -> int:
        """Values next to thresholds per numeric input."""
        return _MOST_NEAR // max(1, len(self.schema.numbers))

    def _sampled(self, random: np.random.Generator) -> Cells:
        if self.held_out.rows <= MOST_ROWS:
            return self.held_out
        chosen = random.choice(self.held_out.rows, MOST_ROWS, replace=False)
        return self.held_out.take(np.sort(chosen))

    def _mixed(self, random: np.random.Generator) -> Cells:
        """Return rows whose columns are sampled independently, to reach FEWEST_ROWS."""
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
        for place, column in enumerate(self.schema.numbers):
            yield (
                f"rows without {column.name}",
                self._some(rows, random).with_numbers(place, np.nan),
            )
        for place, column in enumerate(self.schema.texts):
            yield f"rows without {column.name}", self._some(rows, random).with_texts(place, None)
        nothing = Cells(
            np.full((1, len(self.schema.numbers)), np.nan),
            np.full((1, len(self.schema.texts)), None, dtype=object),
        )
        yield "a row without any value", nothing

    def _known(self, random: np.random.Generator) -> Iterator[tuple[str, Cells]]:
        """Yield rows with every known category; each text input is shuffled independently."""
        categories = [np.array(column.categories or (), np.object_) for column in self.schema.texts]
        rows = min(_REPEATS * max(map(len, categories), default=0), _MOST_KNOWN)
        changed = self._some(rows, random)
        for place, known in enumerate(categories):
            shuffled = random.permutation(np.resize(evenly(known, rows), rows))
            changed = changed.with_texts(place, shuffled if len(known) else None)
        yield "categories that training saw", changed

    def _unseen(self, random: np.random.Generator) -> Iterator[tuple[str, Cells]]:
        for place, column in enumerate(self.schema.texts):
            known = column.categories or ()
            near = [f"{known[0]} ", known[0].swapcase()] if known else []
            values = np.array([*_UNSEEN, *near] * self._repeats, dtype=object)
            changed = self._some(len(values), random).with_texts(place, values)
            yield f"values of {column.name} that training did not see", changed

    def _extremes(self, random: np.random.Generator) -> Iterator[tuple[str, Cells]]:
        for place, column in enumerate(self.schema.numbers):
            for value in _extremes_of(column):
                changed = self._some(self._repeats, random).with_numbers(place, value)
                yield f"{column.name} = {value:g}", changed
            # the kind becomes part of a status message, which must not show data
            for value in _ends_of(column):
                changed = self._some(self._repeats, random).with_numbers(place, value)
                yield f"{column.name} at an end of its range", changed

    def _near_thresholds(
        self, pipeline: Pipeline, random: np.random.Generator
    ) -> Iterator[tuple[str, Cells]]:
        near = values_near_thresholds(
            pipeline, self.schema, self.held_out, self._near // _MOST_OF_A_SEARCH
        )
        for place, column in enumerate(self.schema.numbers):
            # a tree's threshold may be a value that occurred
            occurred = self.held_out.distinct_numbers(place)
            occurred = evenly(occurred, min(_MOST_OCCURRED, self._near // 2))
            values = np.unique(np.concatenate([near[place], occurred]))
            if column.type is not ColumnType.BOOLEAN and len(values):
                changed = self._some(len(values), random).with_numbers(place, values)
                yield f"values of {column.name} next to thresholds", changed


def _along(cells: Floats | NDArray[np.object_]) -> Positions:
    return np.arange(cells.shape[1])


def _extremes_of(column: Input) -> tuple[float, ...]:
    """Return valid values of the type, up to both ends of its range."""
    match column.type:
        case ColumnType.BOOLEAN:
            return 0.0, 1.0
        case ColumnType.TIMESTAMP:
            return _TIMES
        case ColumnType.INTEGER:
            return tuple(value for value in _EXTREMES if value.is_integer())
        case _:
            return _EXTREMES


def _ends_of(column: Input) -> list[float]:
    """Return the limits of the training rows and of the contract, with their neighbours."""
    limits = (column.minimum, column.maximum, column.contract_minimum, column.contract_maximum)
    known = [limit for limit in limits if limit is not None]
    if column.type is not ColumnType.NUMBER:
        return known
    neighbours = (np.nextafter(limit, end) for limit in known for end in (-np.inf, np.inf))
    return [*known, *map(float, neighbours)]
