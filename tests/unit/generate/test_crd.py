from typing import Annotated, Literal

import pytest
from pydantic import Field

from perennial.api.kinds import KINDS, MODEL_DEPLOYMENT
from perennial.api.scalars import Quantity
from perennial.api.schema import Rule, Spec, list_map, matching, rules
from perennial.generate.crd import NotStructuralError, custom_resource_definition, structural


class Inner(Spec):
    """What is inside."""

    name: Annotated[str, Field(max_length=5)]
    """A name."""
    size: Annotated[int, Field(gt=0, lt=10)] = 3
    """A size."""


def properties(**annotations):
    """Return the properties of a model with these fields, absent by default where they may be."""
    fields = {"__annotations__": annotations, "__module__": __name__}
    optional = {name: None for name, type_ in annotations.items() if type(None) in _parts(type_)}
    return structural(type("Outer", (Spec,), {**fields, **optional}))["properties"]


def _parts(type_):
    return getattr(type_, "__args__", ())


def test_a_definition_stands_where_it_is_referred_to():
    inner = properties(inner=Inner)["inner"]
    assert inner["description"] == "What is inside."
    assert inner["required"] == ["name"]
    assert "$ref" not in str(inner)


def test_what_a_field_says_of_itself_comes_first():
    class Outer(Spec):
        """Outside."""

        inner: Inner
        """The one that counts."""

    assert structural(Outer)["properties"]["inner"]["description"] == "The one that counts."


def test_an_optional_field_is_not_required_and_never_null():
    class Outer(Spec):
        """Outside."""

        inner: Inner | None = None
        """May be absent."""

    schema = structural(Outer)
    assert "required" not in schema
    assert "default" not in schema["properties"]["inner"]
    assert schema["properties"]["inner"]["type"] == "object"
    assert "null" not in str(schema)


def test_scalars_keep_their_default_and_objects_and_lists_do_not():
    class Outer(Spec):
        """Outside."""

        inner: Inner = Inner(name="x")
        many: tuple[str, ...] = ()
        flag: bool = False

    fields = structural(Outer)["properties"]
    assert [name for name, field in fields.items() if "default" in field] == ["flag"]
    assert fields["flag"]["default"] is False


def test_one_choice_is_an_enumeration():
    choice = properties(choice=Literal["Only"])["choice"]
    assert choice == {"type": "string", "enum": ["Only"]}


def test_exclusive_bounds_are_flags_beside_the_bound():
    size = properties(inner=Inner)["inner"]["properties"]["size"]
    assert size["minimum"] == 0
    assert size["exclusiveMinimum"] is True
    assert size["maximum"] == 10
    assert size["exclusiveMaximum"] is True


@pytest.mark.parametrize(("largest", "format_"), [(2**31 - 1, "int32"), (2**31, "int64")])
def test_integers_say_how_wide_they_are(largest, format_):
    assert properties(n=Annotated[int, Field(le=largest)])["n"]["format"] == format_


def test_a_quantity_is_an_integer_or_a_string():
    amount = properties(amount=Quantity)["amount"]
    assert amount["x-kubernetes-int-or-string"] is True
    assert amount["anyOf"] == [{"type": "integer"}, {"type": "string"}]
    assert {"maxLength", "pattern", "minimum", "maximum"} <= amount.keys()
    assert "type" not in amount


def test_every_list_says_how_it_is_merged():
    fields = properties(
        plain=tuple[str, ...],
        unique=frozenset[str],
        named=Annotated[tuple[Inner, ...], list_map()],
    )
    assert fields["plain"]["x-kubernetes-list-type"] == "atomic"
    assert fields["unique"]["x-kubernetes-list-type"] == "set"
    assert fields["named"]["x-kubernetes-list-type"] == "map"
    assert fields["named"]["x-kubernetes-list-map-keys"] == ["name"]
    assert "uniqueItems" not in fields["unique"]


def test_what_keys_must_be_becomes_rules_of_the_map():
    key = Annotated[str, matching("^[a-z]+$", 8, "write small letters")]
    letters = properties(letters=dict[key, int])["letters"]
    assert letters["additionalProperties"]["type"] == "integer"
    assert letters["x-kubernetes-validations"] == [
        {"rule": "self.all(key, key.matches(r'^[a-z]+$'))", "message": "write small letters"},
        {
            "rule": "self.all(key, key.size() <= 8)",
            "message": "a key must have at most 8 characters",
        },
    ]


def test_enumerated_keys_are_named_by_the_rule():
    choices = properties(choices=dict[Literal["A", "B"], int])["choices"]
    assert choices["x-kubernetes-validations"] == [
        {"rule": "self.all(key, key in ['A', 'B'])", "message": "a key must be one of A, B"}
    ]


def test_rules_of_a_model_stand_at_its_object():
    class Outer(Spec):
        """Outside."""

        model_config = rules(Rule("has(self.a)", "set a"))
        a: bool | None = None

    assert structural(Outer)["x-kubernetes-validations"] == [
        {"rule": "has(self.a)", "message": "set a"}
    ]


class Recursive(Spec):
    inner: "Recursive | None" = None


@pytest.mark.parametrize(
    ("type_", "why"),
    [
        (float, r"Outer\.field: floats differ"),
        (tuple[int, str], r"Outer\.field: a tuple of unlike items"),
        (int | bool, r"Outer\.field: a union"),
        (Inner | Recursive, r"Outer\.field: a union"),
        (dict, r"Outer\.field: an object of any content"),
        (tuple[float, ...], r"Outer\.field\[\]: floats differ"),
        (dict[str, float], r"Outer\.field\{\}: floats differ"),
        (Recursive, r"Outer\.field\.inner: Recursive contains itself"),
        (Annotated[int, Field(multiple_of=2)], r"Outer\.field: multipleOf has no structural form"),
    ],
)
def test_what_has_no_structural_form_is_refused_by_its_path(type_, why):
    with pytest.raises(NotStructuralError, match=why):
        properties(field=type_)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_crd_is_named_after_its_plural(kind):
    crd = custom_resource_definition(kind)
    assert crd["metadata"]["name"] == f"{kind.plural}.perennial.dev"
    assert crd["spec"]["names"]["listKind"] == f"{kind.name}List"
    assert crd["spec"]["scope"] == "Namespaced"


def test_only_what_has_replicas_is_scaled():
    scaled = [
        kind
        for kind in KINDS
        if "scale" in custom_resource_definition(kind)["spec"]["versions"][0]["subresources"]
    ]
    assert scaled == [MODEL_DEPLOYMENT]
