"""Amounts that a visitor types, and that the page writes."""

from __future__ import annotations

import pytest

from liqmap.words import amount, usd


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("1.5M", 1.5e6), ("$1,500,000", 1.5e6), (" 2b ", 2e9), ("$ 12.5 k", 12_500), ("700", 700)],
)
def test_an_amount_may_be_typed_as_it_is_written(typed: str, expected: float) -> None:
    assert amount(typed) == expected


@pytest.mark.parametrize("written", [0.0, 12.0, 12_500.0, 1.25e6, 2e9, 3.5e12])
def test_what_is_written_can_be_typed(written: float) -> None:
    assert amount(usd(written)) == written


@pytest.mark.parametrize("typed", ["", "much", "M", "1.2.3M"])
def test_no_amount_is_made_of_other_words(typed: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        amount(typed)
