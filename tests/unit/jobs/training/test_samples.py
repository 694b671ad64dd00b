import json
import re

import pytest

from builders.designs import FEATURES, design, rows
from builders.training import table
from perennial.artifacts.pipeline import TrainedPipeline
from perennial.jobs.recipe.fit import fitted
from perennial.jobs.training.samples import MOST_SAMPLES, sample_positions, samples_of


def trained(target: str = "late") -> TrainedPipeline:
    stated = design(target)
    return TrainedPipeline(stated.schema, fitted(stated, rows(target)))


@pytest.mark.parametrize("size", [1, 5, 32, 33, 240])
def test_there_are_at_most_so_many_samples(size):
    positions = sample_positions(table(size), FEATURES, "late")
    assert len(positions) <= min(size, MOST_SAMPLES)
    assert positions == sorted(set(positions))
    assert positions[-1] < size


def test_every_class_and_every_missing_value_is_among_them():
    held_out = table(240, seed=3)
    chosen = held_out.take(sample_positions(held_out, FEATURES, "grade"))
    assert set(chosen.column("grade").to_pylist()) == {"low", "middle", "top"}
    for name in ("amount", "member", "since", "city"):
        assert chosen.column(name).null_count > 0


def test_the_choice_is_the_same_every_time():
    first = sample_positions(table(), FEATURES, "late")
    assert first == sample_positions(table(), FEATURES, "late")


def test_rows_are_spelled_as_on_the_wire():
    sampled = samples_of(table(), "late", trained())
    row = next(row for row in sampled.rows if None not in row.values())
    assert [type(row[name]) for name in FEATURES] == [float, int, bool, str, str]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["since"])


@pytest.mark.parametrize("target", ["late", "grade", "level", "price"])
def test_answers_are_those_of_the_pipeline_on_its_own_rows(target):
    model, held_out = trained(target), table(240, seed=3)
    sampled = samples_of(held_out, target, model)
    positions = sample_positions(held_out, FEATURES, target)
    own = model.answer(rows(target, held_out).frame.iloc[positions])
    assert list(sampled.answers) == list(own.matching(model.schema))
    assert json.loads(sampled.to_json())["rows"] == list(sampled.rows)


def test_probabilities_have_the_names_of_their_classes():
    sampled = samples_of(table(), "late", trained())
    assert sampled.answers[0].keys() == {"prediction", "probabilities"}
    assert sampled.answers[0]["probabilities"].keys() == {"false", "true"}
