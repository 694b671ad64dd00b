"""Counts values of a snapshot that look like personal data."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from perennial.jobs.snapshot.quality.personal_patterns import CARDS, PATTERNS, Pattern

_SMALLEST_CARD: Final = 10**12


@dataclass(frozen=True, slots=True)
class PersonalDataMatch:
    """Values of one column that look like personal data."""

    column: str
    kind: str
    values: int


class PersonalDataScan:
    """Counts values that look like personal data."""

    def __init__(self) -> None:
        self._matched: Counter[tuple[str, str]] = Counter()
        self._valid: Counter[tuple[str, str]] = Counter()

    def look(self, column: str, cells: pa.Array) -> None:
        """Scan further cells: texts, and integers with the length of a card number."""
        if pa.types.is_string(cells.type):
            self._look_at_texts(column, cells, PATTERNS)
        elif pa.types.is_integer(cells.type):
            long = cells.filter(pc.greater_equal(cells, _SMALLEST_CARD))
            self._look_at_texts(column, long.cast(pa.string()), [CARDS])

    def matches(self) -> Iterator[PersonalDataMatch]:
        """Return the matches, by column."""
        for (column, kind), values in sorted(self._valid.items()):
            # random numbers pass the checksum of a card now and then, so most must pass it
            if values and (kind != CARDS.kind or 2 * values >= self._matched[column, kind]):
                yield PersonalDataMatch(column, kind, values)

    def _look_at_texts(self, column: str, texts: pa.Array, patterns: Sequence[Pattern]) -> None:
        counted = texts.value_counts()
        values, counts = counted.field("values"), counted.field("counts")
        for pattern in patterns:
            matches = pc.fill_null(pc.match_substring_regex(values, pattern.form), fill_value=False)
            if matches.true_count:
                self._count(column, pattern, values.filter(matches), counts.filter(matches))

    def _count(self, column: str, pattern: Pattern, values: pa.Array, counts: pa.Array) -> None:
        form = re.compile(pattern.form)
        for value, count in zip(values.to_pylist(), counts.to_pylist(), strict=True):
            self._matched[column, pattern.kind] += count
            if any(pattern.is_valid(match[1]) for match in form.finditer(value)):
                self._valid[column, pattern.kind] += count
