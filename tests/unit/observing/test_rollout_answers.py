"""Blocks of a step that is held for days."""

from builders.rollout_evidence import blocks, question
from perennial.observing.rollout_answers import MOST_BLOCKS, Reading
from perennial.planning.model_deployment.gates.counts import ERRORS


def read(number, asked):
    reading = Reading()
    for block in blocks(number, events={ERRORS: (1, 9)}):
        reading.add(asked, block)
    return reading


def test_many_blocks_are_merged_in_pairs_and_nothing_is_lost():
    reading = read(MOST_BLOCKS + 1, question())
    assert len(reading.blocks) == MOST_BLOCKS // 2 + 1
    assert sum(block.rates[ERRORS].candidate_trials for block in reading.blocks) == 100 * (
        MOST_BLOCKS + 1
    )
    assert sum(block.rates[ERRORS].stable_events for block in reading.blocks) == 9 * (
        MOST_BLOCKS + 1
    )
    assert all(
        one.end == other.begin
        for one, other in zip(reading.blocks, reading.blocks[1:], strict=False)
    )


def test_blocks_of_different_steps_stay_apart():
    asked = question(steps=2, begun=2)
    reading = read(MOST_BLOCKS + 1, asked)
    steps = [asked.step_of(block.begin) for block in reading.blocks]
    assert steps == sorted(steps)
    ends = [asked.step_of(block.end) for block in reading.blocks if asked.step_of(block.begin) == 0]
    assert ends[:-1] == [0] * (len(ends) - 1)


def test_few_blocks_stay_as_they_are():
    assert len(read(100, question()).blocks) == 100
