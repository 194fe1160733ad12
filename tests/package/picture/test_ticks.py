"""Ticks in USD: round, few, and labelled with the amount at which they stand."""

from __future__ import annotations

import pytest

from liqmap.picture.ticks import plain_ticks, usd_ticks


@pytest.mark.parametrize(
    ("low", "high", "most", "places", "labels"),
    [
        (0, 1.62e9, 4, [0, 5e8, 1e9, 1.5e9], ["$0", "$500M", "$1B", "$1.5B"]),
        (0, 43e6, 3, [0, 2e7, 4e7], ["$0", "$20M", "$40M"]),
        (0, 2.2e6, 3, [0, 1e6, 2e6], ["$0", "$1M", "$2M"]),
        (-1.3e6, 3e6, 5, [-1e6, 0, 1e6, 2e6, 3e6], ["$1M", "$0", "$1M", "$2M", "$3M"]),
        (0, 1.08, 3, [0, 1], ["$0", "$1"]),
        (0, 2_500, 3, [0, 1_000, 2_000], ["$0", "$1K", "$2K"]),
    ],
)
def test_ticks_are_round_and_say_their_amount(
    low: float, high: float, most: int, places: list[float], labels: list[str]
) -> None:
    ticks = usd_ticks(low, high, most)
    assert list(ticks.places) == places
    assert list(ticks.labels) == labels


@pytest.mark.parametrize("most", [2, 3, 4, 7])
def test_there_are_no_more_than_fit_and_no_two_alike(most: int) -> None:
    for exponent in range(60):
        high = 10 ** (exponent / 5)
        ticks = usd_ticks(0, high, most)
        assert 1 <= len(ticks.places) <= most
        assert ticks.places[-1] <= high
        assert len(set(ticks.labels)) == len(ticks.labels)


@pytest.mark.parametrize(
    ("low", "high", "signed", "labels"),
    [
        (-1_300, 2_900, True, ["−1K", "0", "+1K", "+2K"]),
        (-2.6e6, 1e5, True, ["−2M", "−1M", "0"]),
        (-0.004, 0.0123, True, ["0", "+0.005", "+0.010"]),
        (0.93, 1.31, False, ["1.0", "1.1", "1.2", "1.3"]),
        (0, 25_000, True, ["0", "+10K", "+20K"]),
    ],
)
def test_ticks_of_other_units_have_their_sign(
    low: float, high: float, signed: bool, labels: list[str]
) -> None:
    assert list(plain_ticks(low, high, 4, signed=signed).labels) == labels
