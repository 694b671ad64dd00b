"""The reference by blocks of time: additions to the profile, and the file `blocks.npz`.

Windows of traffic differ from each other even where nothing drifts. The profile contains by how
much, and `blocks.npz` the counts that this was learned from: neither server nor operator reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from perennial.artifacts.answers import Answers
from perennial.artifacts.model_schema import ModelSchema
from perennial.artifacts.profile import AnswerProfile, Profile
from perennial.jobs.table.rows import Rows
from perennial.jobs.training.by_time import (
    Counted,
    by_time,
    counted_answer,
    counted_category,
    counted_number,
    largest_shares,
)
from perennial.jobs.training.profile import Scored, confidence_scored, predictions_scored
from perennial.statistics.components import padded
from perennial.statistics.estimate import outcome_dispersion, rising
from perennial.statistics.time_blocks import LEAST_ANSWERS, TimeBlocks, time_blocks

BLOCKS_FILE: Final = "blocks.npz"
Arrays = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A profile with what its blocks show, and the counts of every block by name."""

    profile: Profile
    arrays: Arrays

    def write(self, folder: Path) -> None:
        """Write the counts, if there are any; equal counts give equal bytes."""
        if self.arrays:
            np.savez_compressed(folder / BLOCKS_FILE, allow_pickle=False, **self.arrays)


def reference_of(
    profile: Profile, schema: ModelSchema, training: Rows, held_out: Rows, answers: Answers
) -> Reference:
    """Return the profile with its fields by time; unchanged where no row has a time."""
    inputs, arrays = _of_inputs(profile, training)
    for name, scored in (
        ("prediction", predictions_scored(schema, answers, held_out.target)),
        ("confidence", confidence_scored(schema, answers, held_out.target)),
    ):
        answer = profile.prediction if name == "prediction" else profile.confidence
        if answer is None or scored is None or held_out.times is None:
            continue
        is_share = schema.classes is not None
        found, counts = _of_answer(answer, scored, held_out.times, is_share=is_share)
        inputs = inputs.model_copy(update={name: found})
        arrays |= {f"{name}_{key}": value for key, value in counts.items()}
    return Reference(inputs, arrays)


def _of_inputs(profile: Profile, training: Rows) -> tuple[Profile, dict[str, NDArray[np.int64]]]:
    blocks = None if training.times is None else time_blocks(training.times)
    if blocks is None or not profile.inputs:
        return profile, {}
    frame = training.frame
    numbers = [counted_number(each, frame[each.name], blocks) for each in profile.numbers]
    texts = [counted_category(each, frame[each.name], blocks) for each in profile.categories]
    every = [*numbers, *texts]
    with_shares = [
        each.model_copy(update={"largest": largest_shares(counted, blocks)})
        for each, counted in zip(profile.inputs, every, strict=True)
    ]
    update = {
        "numbers": tuple(with_shares[: len(numbers)]),
        "categories": tuple(with_shares[len(numbers) :]),
        "by_time": by_time(every, blocks),
    }
    return profile.model_copy(update=update), _arrays(every, blocks, "inputs_")


def _of_answer(
    profile: AnswerProfile, scored: Scored, times: NDArray[np.float64], *, is_share: bool
) -> tuple[AnswerProfile, dict[str, NDArray[np.int64]]]:
    blocks = time_blocks(times, LEAST_ANSWERS)
    if blocks is None:
        return profile, {}
    counted = counted_answer(profile, scored.scores, blocks)
    update: dict[str, object] = {"by_time": by_time([counted], blocks)}
    if is_share:
        update["dispersion"] = _dispersion(profile, scored, counted, blocks)
    return profile.model_copy(update=update), _arrays([counted], blocks)


def _dispersion(
    profile: AnswerProfile, scored: Scored, counted: Counted, blocks: TimeBlocks
) -> float:
    has_time = blocks.of_row >= 0
    bins = np.searchsorted(np.array(profile.edges), scored.scores[has_time])
    length = len(profile.bins)
    flat = blocks.of_row[has_time] * length + bins
    sums = np.bincount(flat, scored.actual[has_time], minlength=blocks.number * length)
    positives = sums.astype(np.float64).reshape(blocks.number, length)
    rows = np.array(profile.counts, dtype=np.float64)
    rates = rising((np.array(profile.sums) + 0.5) / (rows + 1), rows + 1)
    return round(outcome_dispersion(rates, counted.by_block, positives), 4)


def _arrays(
    counted: list[Counted], blocks: TimeBlocks, prefix: str = ""
) -> dict[str, NDArray[np.int64]]:
    counts = padded([each.by_block for each in counted])
    return {
        f"{prefix}starts": blocks.starts.astype(np.int64),
        f"{prefix}counts": counts.astype(np.int64),
    }
