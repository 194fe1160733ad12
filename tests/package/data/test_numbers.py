"""Numbers as people type them."""

from __future__ import annotations

import pytest

from liqmap.data.numbers import typed_number
from liqmap.errors import InputError


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("60000", 60_000.0),
        (" 60,000 ", 60_000.0),
        ("60_000", 60_000.0),
        ("60 000", 60_000.0),
        ("60'000", 60_000.0),
        ("1,234,567.5", 1_234_567.5),
        ("1.234.567,5", 1_234_567.5),
        ("1.234.567", 1_234_567.0),
        ("84.000,5", 84_000.5),
        ("1,5", 1.5),
        ("0,123", 0.123),
        ("1.234", 1.234),
        ("0.000012", 0.000012),
        (".5", 0.5),
        ("5.", 5.0),
        ("6e4", 60_000.0),
        ("1.5E-5", 1.5e-5),
        ("-2", -2.0),
        ("６００００", 60_000.0),
        ("６０，０００．５", 60_000.5),
        ("٣", 3.0),
    ],
)
def test_what_people_mean(text: str, number: float) -> None:
    assert typed_number(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "x", "0x10", "1e400", "nan", "inf", "1,5,6", "12,34,567", "60,00_0", "--1", "1 5", "²"],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(InputError, match="expected a number"):
        typed_number(text)
