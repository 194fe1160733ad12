"""What is asked of a venue: paths, windows of time, bar lengths."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.errors import InputError, NotOffered
from liqmap.venues import requests

times = st.integers(1_500_000_000_000, 1_900_000_000_000)


@given(times, st.integers(1, 10**9), st.sampled_from([60_000_000, 300_000_000, 7_000]))
def test_windows_cover_the_range_once_on_the_grid(start: int, length: int, span: int) -> None:
    length = min(length, span * 1000)
    end = start + length
    found = requests.windows(start, end, span)
    assert found[-1].start_ms <= start < found[-1].end_ms
    assert found[0].start_ms < end <= found[0].end_ms
    for newer, older in pairwise(found):
        assert older.end_ms == newer.start_ms
    for window in found:
        assert window.start_ms % span == 0
        assert window.end_ms - window.start_ms == span


def test_the_same_history_asks_the_same_questions() -> None:
    """An hour later only the youngest window is new."""
    span, now = 200 * 300_000, 1_769_990_400_000
    before = requests.windows(now - 10**9, now, span)
    after = requests.windows(now - 10**9, now + 3_600_000, span)
    assert set(before) <= set(after)
    assert len(after) <= len(before) + 1


def test_no_range_no_windows_and_no_endless_range() -> None:
    assert requests.windows(7, 7, 5) == []
    with pytest.raises(InputError, match="more history than a venue will serve"):
        requests.windows(0, 10**12, 1000)


def test_parameters_that_are_none_are_left_out() -> None:
    assert requests.path("/a", b=None, c=1.0, d="x:y") == "/a?c=1&d=x%3Ay"
    assert requests.path("/a", b=None) == "/a"


def test_steps() -> None:
    names = {60_000: "1m", 300_000: "5m", 3_600_000: "1h"}
    assert requests.step_name(names, 300_000, "Toy") == "5m"
    with pytest.raises(NotOffered, match=r"Toy has no bars of 2.5 minutes. It offers 1, 5, 60"):
        requests.step_name(names, 150_000, "Toy")
    assert requests.best_step(names, 400_000) == 300_000
    assert requests.best_step(names, 1000) == 60_000
