import pytest

from builders.counting import NOW, scores_of
from perennial_serving.counters.layout import LabelOutcome
from perennial_serving.counters.scoring import LabelKind
from perennial_serving.endpoints.prediction_id import (
    InvalidIdError,
    PredictionId,
    Signer,
    Verifier,
    class_hash,
)

KEY = bytes(range(32))
DAY = 86400


def signer(
    key: bytes = KEY,
    version: str = "flight-delay-7c1f9a2b",
    kind: LabelKind = LabelKind.SCORED,
    source="a/0",
) -> Signer:
    classes = [] if kind is LabelKind.ESTIMATED else ["false", "true"]
    return Signer(key, version, kind, classes, source)


def one(grade: tuple[int, float, int] = (1, 0.75, 14), now: float = NOW, **changes) -> str:
    return signer(**changes).issue(scores_of(grade), now)[0]


def refusal(text: str, now: float = NOW, key: bytes = KEY) -> LabelOutcome:
    with pytest.raises(InvalidIdError) as refused:
        Verifier(key).verify(text, now)
    return refused.value.outcome


@pytest.mark.parametrize("version", ["v", "v1", "v12", "flight-delay-7c1f9a2b", "v" * 63])
def test_an_id_says_what_its_label_needs(version: str):
    text = one(version=version)
    issued = Verifier(KEY).verify(text, NOW + DAY)
    expected = PredictionId(
        version=version,
        kind=LabelKind.SCORED,
        issued_at=int(NOW),
        number=0.75,
        class_hash=class_hash("true"),
        bin=14,
        identity=issued.identity,
    )
    assert issued == expected
    assert "=" not in text


def test_an_id_of_classes_without_order_carries_the_confidence():
    issued = Verifier(KEY).verify(one((0, 0.4, 7), kind=LabelKind.CHOSEN), NOW)
    assert (issued.number, issued.class_hash) == (0.4, class_hash("false"))


def test_an_id_of_a_regression_carries_the_whole_number():
    issued = Verifier(KEY).verify(one((0, 0.1 + 0.2, 3), kind=LabelKind.ESTIMATED), NOW)
    assert issued.number == 0.1 + 0.2


def test_equal_answers_have_different_ids():
    same = scores_of(*[(1, 0.75, 14)] * 500)
    first, second = signer(source="a/0"), signer(source="a/1")
    ids = [*first.issue(same, NOW), *first.issue(same, NOW), *second.issue(same, NOW)]
    identities = {Verifier(KEY).verify(text, NOW).identity for text in ids}
    assert len(set(ids)) == len(identities) == 1500


def test_an_id_with_any_letter_changed_is_refused():
    text = one()
    for place in range(len(text)):
        letter = "A" if text[place] != "A" else "B"
        changed = text[:place] + letter + text[place + 1 :]
        assert refusal(changed) in {
            LabelOutcome.FORGED,
            LabelOutcome.FOREIGN,
            LabelOutcome.MALFORMED,
        }


def test_an_id_signed_with_another_key_is_of_another_deployment():
    assert refusal(one(), key=bytes(32)) is LabelOutcome.FOREIGN


def test_a_forger_who_knows_all_but_the_key_is_found_out():
    text = one()
    assert refusal(text[:-16] + "A" * 16) is LabelOutcome.FORGED


@pytest.mark.parametrize(
    "text", ["", "x", "ü" * 92, "A" * 91, "A" * 92, "A" * 500, "-" * 64, "=" * 64, "A" * 64 + "\n"]
)
def test_what_is_no_id_is_malformed(text: str):
    assert refusal(text) is LabelOutcome.MALFORMED


def test_a_label_may_come_ninety_days_later_and_no_later():
    text = one()
    assert Verifier(KEY).verify(text, NOW + 90 * DAY).bin == 14
    assert refusal(text, NOW + 90 * DAY + 1) is LabelOutcome.TOO_LATE


def test_clocks_may_be_some_minutes_apart():
    text = one()
    assert Verifier(KEY).verify(text, NOW - 200).bin == 14
    assert refusal(text, NOW - 400) is LabelOutcome.OF_THE_FUTURE


def test_an_id_that_was_issued_is_understood_for_ever():
    signed = "AgAPWzDhzetvI15R1lFmbGlnaHQtZGVsYXktN2MxZjlhMmIAgOFOaAAAAAAAAAAAAADoP20F5VIO"
    assert one() == f"{signed}Cnixkq4O7OjoEAGv"
