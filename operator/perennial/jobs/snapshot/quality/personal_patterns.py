"""Patterns of personal data, strict enough not to match flight numbers, codes and times."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_START: Final = r"(?:^|[^0-9A-Za-z-])"
_END: Final = r"(?:$|[^0-9A-Za-z-])"
_FEWEST_PHONE_DIGITS, _MOST_PHONE_DIGITS = 8, 15

_ISSUED_CARD: Final = re.compile(
    r"4(\d{12}|\d{15}|\d{18})"  # Visa
    r"|(5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(0[0-5]|[689]\d)\d{11}"  # Diners Club
    r"|(6011|64[4-9]\d|65\d\d|62\d\d|35(2[89]|[3-8]\d))\d{12}"  # Discover, UnionPay, JCB
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of personal data."""

    kind: str
    """Name of the values, in the plural."""
    form: str
    """Pattern with the same meaning in RE2 and Python; its first group is validated."""
    is_valid: Callable[[str], bool]
    """Validates a match beyond its form, such as by a checksum."""


def _always(_match: str) -> bool:
    return True


def _is_telephone_number(match: str) -> bool:
    digits = sum(character.isdigit() for character in match)
    return _FEWEST_PHONE_DIGITS <= digits <= _MOST_PHONE_DIGITS


def _is_card_number(match: str) -> bool:
    digits = re.sub(r"\D", "", match)
    return bool(_ISSUED_CARD.fullmatch(digits)) and _has_luhn_checksum(digits)


def _has_luhn_checksum(digits: str) -> bool:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def _is_social_security_number(match: str) -> bool:
    area, group, serial = match.split("-")
    return area not in ("000", "666") and group != "00" and serial != "0000"


CARDS: Final = Pattern(
    "payment card numbers", f"{_START}((?:[0-9][ -]?){{12,18}}[0-9]){_END}", _is_card_number
)
PATTERNS: Final = (
    Pattern(
        "e-mail addresses",
        r"([A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})",
        _always,
    ),
    Pattern(
        "telephone numbers",
        r"(?:^|[^0-9A-Za-z.+-])(\+[1-9][0-9 ().-]{6,18}[0-9]"
        r"|(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4})"
        r"(?:$|[^0-9A-Za-z.-])",
        _is_telephone_number,
    ),
    CARDS,
    Pattern(
        "national numbers",  # of the United States
        f"{_START}([0-8][0-9]{{2}}-[0-9]{{2}}-[0-9]{{4}}){_END}",
        _is_social_security_number,
    ),
    Pattern(
        "national numbers",
        rf"{_START}([A-CEGHJ-PR-TW-Z]{{2}} ?[0-9]{{2}} ?[0-9]{{2}} ?[0-9]{{2}} ?[A-D]"  # Britain
        r"|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}"  # Brazil
        rf"|[A-Z]{{6}}[0-9]{{2}}[A-EHLMPRST][0-9]{{2}}[A-Z][0-9]{{3}}[A-Z]){_END}",  # Italy
        _always,
    ),
)
