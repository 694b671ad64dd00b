import pytest
from pydantic import ValidationError

from perennial.api.model import Split
from perennial.observing.specs import Parsed


def manifest(generation=1, uid="a", **spec):
    metadata = {"name": "a", "uid": uid, "generation": generation}
    return {"kind": "Split", "metadata": metadata, "spec": spec}


def counting():
    read = []

    def validate(spec):
        read.append(spec)
        return Split.model_validate(spec)

    return Parsed(validate), read


def test_a_spec_is_read_once_for_each_generation():
    parsed, read = counting()
    for generation in (1, 1, 2, 2):
        assert parsed.of(manifest(generation, seed=generation)).seed == generation
    assert read == [{"seed": 1}, {"seed": 2}]


def test_a_namesake_made_later_is_another_object():
    parsed, _ = counting()
    assert parsed.of(manifest(uid="a", seed=1)).seed == 1
    assert parsed.of(manifest(uid="b", seed=2)).seed == 2


def test_a_mistake_is_told_each_time():
    parsed, _ = counting()
    for _attempt in range(2):
        with pytest.raises(ValidationError):
            parsed.of(manifest(seed="many"))
