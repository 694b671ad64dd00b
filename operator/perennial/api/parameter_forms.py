"""The values that a parameter of an estimator accepts, by scikit-learn's own constraints."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field
from pydantic.types import JsonValue

from perennial.api.schema import Spec

_MANY = 12
_NOUNS = {
    "Integer": "an integer",
    "Float": "a number with a decimal point",
    "Number": "a number",
}


class Range(Spec):
    """Numbers between two limits. A Float is written with a decimal point or an exponent."""

    kind: Literal["Integer", "Float", "Number"]
    low: int | float | None
    high: int | float | None
    low_included: bool
    high_included: bool

    def admits(self, value: JsonValue) -> bool:
        """Return whether the value is a number of this kind within the limits."""
        match self.kind, value:
            case (_, bool()) | ("Integer", float()) | ("Float", int()):
                return False
            case _, int() | float():
                return self._is_above_low(value) and self._is_below_high(value)
            case _:
                return False

    def words(self) -> str:
        """Return the accepted values in words, such as ``an integer from 1``."""
        low = f" {'from' if self.low_included else 'above'} {self.low}"
        high = f" {'to' if self.high_included else 'below'} {self.high}"
        return (
            _NOUNS[self.kind]
            + ("" if self.low is None else low)
            + ("" if self.high is None else high)
        )

    def _is_above_low(self, value: float) -> bool:
        if self.low is None:
            return True
        return value >= self.low if self.low_included else value > self.low

    def _is_below_high(self, value: float) -> bool:
        if self.high is None:
            return True
        return value <= self.high if self.high_included else value < self.high


class Choice(Spec):
    """One of several texts."""

    kind: Literal["Choice"]
    values: tuple[str, ...]

    def admits(self, value: JsonValue) -> bool:
        """Return whether the value is one of the texts."""
        return value in self.values

    def words(self) -> str:
        """Return the accepted values in words."""
        return f"one of {listed(self.values)}" if len(self.values) > 1 else self.values[0]


class Kind(Spec):
    """Any value of one JSON type."""

    kind: Literal["Boolean", "List", "Null", "Object", "Text"]

    def admits(self, value: JsonValue) -> bool:
        """Return whether the value is of the type. Lists and objects must contain numbers."""
        match self.kind, value:
            case ("Boolean", bool()) | ("Null", None) | ("Text", str()):
                return True
            case ("List", [*items]) if items:
                return all(_is_number(item) for item in items)
            case ("Object", dict(items)) if items:
                return all(_is_number(item) for item in items.values())
            case _:
                return False

    def words(self) -> str:
        """Return the accepted values in words."""
        return {
            "Boolean": "true or false",
            "List": "a list of numbers",
            "Null": "null",
            "Object": "an object of numbers",
            "Text": "a text",
        }[self.kind]


Form = Annotated[Range | Choice | Kind, Field(discriminator="kind")]


def listed(words: Iterable[str]) -> str:
    """Return the words separated by commas, shortened after the first dozen."""
    known = list(words)
    rest = len(known) - _MANY
    return f"{', '.join(known[:_MANY])} and {rest} more" if rest > 1 else ", ".join(known)


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
