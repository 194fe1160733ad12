"""Amounts that a visitor types, and what the page writes, in English and in other locales."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from liqmap import words
from liqmap.words import amount, clock, instant, number, percent, usd, usd_round

SPANISH: words.Forms = {
    "decimal": ",",
    "group": ".",
    "percent": "{} %",
    "usd": "{} US$",
    "sizes": [(1e12, "{} B US$"), (1e6, "{} M US$"), (1e3, "{} mil US$")],
    "months": ["{} ene"] * 12,
}
CHINESE: words.Forms = {
    **words.ENGLISH,
    "sizes": [(1e12, "${}万亿"), (1e8, "${}亿"), (1e4, "${}万")],
    "months": [f"{month}月{{}}日" for month in range(1, 13)],
}


@pytest.fixture
def locale(request: pytest.FixtureRequest) -> Iterator[None]:
    """The forms of a parameter, and English afterwards."""
    words.use(request.param)
    yield
    words.use(words.ENGLISH)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("1.5M", 1.5e6), ("$1,500,000", 1.5e6), (" 2b ", 2e9), ("$ 12.5 k", 12_500), ("700", 700)],
)
def test_an_amount_may_be_typed_as_it_is_written(typed: str, expected: float) -> None:
    assert amount(typed) == expected


@pytest.mark.parametrize("locale", [words.ENGLISH, SPANISH, CHINESE], indirect=True)
@pytest.mark.parametrize("written", [0.0, 12.0, 12_500.0, 1.25e6, 74.2e6, 2e9, 3.5e12])
@pytest.mark.usefixtures("locale")
def test_what_is_written_can_be_typed(written: float) -> None:
    assert amount(usd(written)) == written


@pytest.mark.parametrize("typed", ["", "much", "M", "1.2.3M"])
def test_no_amount_is_made_of_other_words(typed: str) -> None:
    with pytest.raises(ValueError, match="could not convert"):
        amount(typed)


@pytest.mark.parametrize("locale", [SPANISH], indirect=True)
@pytest.mark.parametrize(
    ("typed", "expected"),
    [("1,5M", 1.5e6), ("1.5M", 1.5e6), ("1.500.000", 1.5e6), ("1.500", 1500), ("2 mil", 2000)],
)
@pytest.mark.usefixtures("locale")
def test_an_amount_may_be_typed_in_the_locale_or_in_english(typed: str, expected: float) -> None:
    assert amount(typed) == expected


def test_english_numbers_have_points_commas_and_a_real_minus() -> None:
    assert [usd(74.2e6), usd(-3000), usd(12), usd(-0.2)] == ["$74.2M", "−$3.00K", "$12", "$0"]
    assert [usd_round(5e6), usd_round(2.5e9), usd_round(500)] == ["$5M", "$2.5B", "$500"]
    assert [number(78_706.8, 1), number(3, signed=True), number(-0.001, 1)] == [
        "78,706.8",
        "+3",
        "0.0",
    ]
    assert [percent(-0.033, 1), percent(0.083, 1, signed=True)] == ["−3.3%", "+8.3%"]


@pytest.mark.parametrize("locale", [SPANISH], indirect=True)
@pytest.mark.usefixtures("locale")
def test_a_locale_has_its_own_marks_units_and_order() -> None:
    assert [usd(74.2e6), usd(1.25e9)] == ["74,2 M US$", "1.250 M US$"]
    assert [usd_round(5e6), usd_round(2.5e6)] == ["5 M US$", "2,5 M US$"]
    assert [number(1_234_567.8, 1), percent(-0.033, 1)] == ["1.234.567,8", "−3,3 %"]


@pytest.mark.parametrize("locale", [CHINESE], indirect=True)
@pytest.mark.usefixtures("locale")
def test_a_locale_may_count_in_other_sizes_and_write_the_month_first() -> None:
    assert [usd(74.2e6), usd(1.25e9), usd(12_500)] == ["$7,420万", "$12.5亿", "$1.25万"]
    assert clock(1_769_870_100_000.0) == "1月31日 14:35"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "01 Feb 01:35 UTC"),
        ("Asia/Kolkata", "01 Feb 07:05 UTC+5:30"),
        ("America/New_York", "31 Jan 20:35 UTC−5"),
    ],
)
def test_an_instant_may_be_of_the_readers_zone(
    zone: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_ms = 1_769_909_700_000.0
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert instant(at_ms) == "01 Feb 01:35 UTC"
    words.use(words.ENGLISH, here=True)
    try:
        assert instant(at_ms) == expected
    finally:
        words.use(words.ENGLISH)
        monkeypatch.undo()
        time.tzset()
