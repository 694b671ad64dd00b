"""What a profile contains about windows without drift, as the tests of `perennial.statistics`."""

from collections.abc import Sequence

import numpy as np

from perennial.artifacts.profile import (
    AnswerProfile,
    ByTime,
    CategoryProfile,
    NumberProfile,
    Profile,
    WindowProfile,
)
from perennial.statistics.components import Components, Kind
from perennial.statistics.table import TableNull
from perennial.statistics.window_null import WindowNull

Counted = NumberProfile | CategoryProfile | AnswerProfile


def null_of_inputs(profile: Profile, length: int) -> TableNull | None:
    """Return the null of all inputs for windows of `length` blocks, or None if there is none."""
    return _null(profile.inputs, profile.by_time, length)


def null_of_answer(profile: AnswerProfile, length: int) -> TableNull | None:
    """Return the null of predictions or confidence for windows of `length` of their own blocks."""
    return _null([profile], profile.by_time, length)


def _null(counted: Sequence[Counted], by_time: ByTime | None, length: int) -> TableNull | None:
    if by_time is None:
        return None
    window = next((each for each in by_time.windows if each.blocks == length), None)
    if window is None:
        return None
    counts = [np.array(each.counts, dtype=np.float64) for each in counted]
    components = Components.of([_kind(each) for each in counted], counts, window.rows)
    null = _window_null(window, by_time.blocks / length)
    return TableNull(components, null, np.array(window.statistics))


def _window_null(window: WindowProfile, blocks: float) -> WindowNull:
    return WindowNull(
        rows=window.rows,
        blocks=blocks,
        scale=np.array(window.scale),
        degrees=np.array(window.degrees),
        dispersion=np.array(window.dispersion),
        rare_dispersion=np.array(window.rare_dispersion),
    )


def _kind(counted: Counted) -> Kind:
    if isinstance(counted, NumberProfile):
        return Kind.NUMBER
    return Kind.CATEGORY if isinstance(counted, CategoryProfile) else Kind.ANSWER
