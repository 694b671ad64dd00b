"""What the verbs print: plain tables that fit 80 columns, and JSON."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

STYLES: Final = {
    **dict.fromkeys(("True", "Done", "Passed", "Applied"), "green"),
    **dict.fromkeys(("InProgress", "Inconclusive", "TooFewSamples", "NoData"), "yellow"),
    **dict.fromkeys(("Failed", "Refused", "Warning"), "red"),
}
"""Colours of words that are clear without them."""

_UNITS: Final = (("d", 86400), ("h", 3600), ("m", 60))
_FROM: Final = 2
"""An age is shown in the largest unit of which it has so many."""


def console() -> Console:
    """Return the console of the standard output; it has no colours where they are not wanted."""
    return Console(file=sys.stdout, highlight=False, emoji=False)


def age(time: datetime, now: datetime) -> str:
    """Return the time since then as kubectl shows it: one number and one unit."""
    seconds = max(0, int((now - time).total_seconds()))
    unit, length = next((each for each in _UNITS if seconds >= _FROM * each[1]), ("s", 1))
    return f"{seconds // length}{unit}"


def now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Return a table without lines; the last column takes the rest of the width."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    for number, heading in enumerate(headings, start=1):
        made.add_column(Text(heading), overflow="fold", no_wrap=number < len(headings))
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def cell(value: object) -> Text:
    """Return a value as it is printed in a table."""
    text = "-" if value is None or value == "" else str(value)
    return Text(text, style=STYLES.get(text, ""))


def indented(text: str) -> Padding:
    """Return a text whose lines are all indented."""
    return Padding(Text(text), (0, 0, 0, 2))


def to_json(document: BaseModel) -> str:
    """Return a document as JSON in which each field is present, null where it has no value."""
    return json.dumps(document.model_dump(mode="json", by_alias=True), indent=2)
