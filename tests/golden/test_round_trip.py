"""The models and the schemas made of them agree: who is let in can be read, and the reverse."""

from datetime import datetime

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from builders.anything import anything
from perennial.api.kinds import KINDS
from perennial.generate.crd import structural

MODELS = [model for kind in KINDS for model in (kind.spec, kind.status)]
JUNK = ("", " ", "x" * 2000, "-", "1", "1d", "0.5", "/x", "A b", 0, -1, 1, 10**9, True, 1.5, [], {})
SCHEMAS = {model: structural(model) for model in MODELS}
LET_IN = {model: anything(schema) for model, schema in SCHEMAS.items()}
READ = {model: anything(model.model_json_schema(by_alias=True)) for model in MODELS}

every_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
quietly = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # the models are too large to be shrunk in reasonable time
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
formats = jsonschema.FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_moment(value):
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def fits(model, value):
    validator = jsonschema.Draft202012Validator(SCHEMAS[model], format_checker=formats)
    return validator.is_valid(value)


def reads(model, value):
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


def leaves(value, at=()):
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner:
        if isinstance(part, dict | list) and part:
            yield from leaves(part, (*at, key))
        else:
            yield (*at, key)


def put(value, path, junk):
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = junk


@every_model
@given(data=st.data())
@quietly
def test_what_the_crd_lets_in_the_model_reads(model, data):
    assert reads(model, data.draw(LET_IN[model]))


@every_model
@given(data=st.data())
@quietly
def test_what_the_model_reads_the_crd_lets_in(model, data):
    read = model.model_validate(data.draw(READ[model]))
    written = read.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert fits(model, written)
    assert model.model_validate(written) == read


@every_model
@given(data=st.data(), junk=st.sampled_from(JUNK))
@quietly
def test_a_value_that_the_model_cannot_read_is_refused_by_the_crd(model, data, junk):
    value = data.draw(LET_IN[model])
    paths = list(leaves(value))
    if paths:
        put(value, data.draw(st.sampled_from(paths)), junk)
    assert reads(model, value) or not fits(model, value)
