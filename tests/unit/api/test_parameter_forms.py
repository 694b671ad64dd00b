import pytest

from perennial.api.parameter_forms import Choice, Kind, Range, listed


def interval(kind: str = "Number", text: str = "[0, 1)") -> Range:
    """A range as mathematics writes it; an end that is not there is left out."""
    low, high = (end.strip() for end in text[1:-1].split(","))
    return Range(
        kind=kind,
        low=float(low) if low else None,
        high=float(high) if high else None,
        low_included=text[0] == "[",
        high_included=text[-1] == "]",
    )


@pytest.mark.parametrize(
    ("form", "value", "admitted"),
    [
        (interval(text="[0, 1)"), 0, True),
        (interval(text="[0, 1)"), 1, False),
        (interval(text="(0, 1]"), 0, False),
        (interval(text="(0, 1]"), 1, True),
        (interval(text="[0, )"), 10**9, True),
        (interval(text="(, )"), -1.5, True),
        (interval(text="[0, )"), -0.1, False),
        (interval(text="[0, )"), True, False),
        (interval(text="[0, )"), "1", False),
        (interval("Integer", "[1, )"), 1, True),
        (interval("Integer", "[1, )"), 1.0, False),
        (interval("Float", "(0, 1]"), 1.0, True),
        (interval("Float", "(0, 1]"), 1, False),
        (Choice(kind="Choice", values=("a", "b")), "a", True),
        (Choice(kind="Choice", values=("a", "b")), "c", False),
        (Choice(kind="Choice", values=("a", "b")), None, False),
        (Kind(kind="Boolean"), False, True),
        (Kind(kind="Boolean"), 0, False),
        (Kind(kind="Null"), None, True),
        (Kind(kind="Null"), "null", False),
        (Kind(kind="Text"), "r2", True),
        (Kind(kind="List"), [1, 2.5], True),
        (Kind(kind="List"), [], False),
        (Kind(kind="List"), ["1"], False),
        (Kind(kind="Object"), {"true": 2}, True),
        (Kind(kind="Object"), {"true": True}, False),
    ],
)
def test_a_form_admits_what_scikit_learn_takes(form, value, admitted):
    assert form.admits(value) is admitted


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (interval("Integer", "[1, )"), "an integer from 1.0"),
        (interval(text="(0, 1]"), "a number above 0.0 to 1.0"),
        (interval("Float", "(, 1)"), "a number with a decimal point below 1.0"),
        (Choice(kind="Choice", values=("a",)), "a"),
        (Choice(kind="Choice", values=("a", "b")), "one of a, b"),
        (Kind(kind="Boolean"), "true or false"),
    ],
)
def test_a_form_says_what_to_give(form, words):
    assert form.words() == words


def test_a_long_list_is_cut():
    assert listed(str(number) for number in range(20)) == (
        "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more"
    )
    assert listed("abc") == "a, b, c"
