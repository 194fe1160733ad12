"""A taste of `bench --fuzz`, which bends a hundred thousand replies a venue."""

from __future__ import annotations

from typing import Any

import pytest

from bench.fuzz import fuzz_venue
from bench.odd_rows import odd_rows
from liqmap.errors import NoData
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.odd_rows import Mutation, harm, mutations, plain


@pytest.mark.parametrize("venue", dict.fromkeys([*ADAPTERS, *STREAMS]))
def test_bent_replies_end_in_an_error_or_sound_columns(venue: str) -> None:
    outcomes = fuzz_venue(venue, 300, seed=1)
    assert outcomes["read"] > 50
    assert outcomes["BadResponse"] + outcomes["left out"] > 5


@pytest.mark.parametrize("venue", dict.fromkeys([*ADAPTERS, *STREAMS]))
def test_an_odd_row_does_no_more_harm_than_a_missing_one(venue: str) -> None:
    harms = odd_rows(venue, seed=1, share=0.02)
    assert len(harms) > 3
    assert not any(harms), "\n".join(filter(None, harms))


def test_rows_are_mutated_at_every_path() -> None:
    found = [one.what for one in mutations({"list": [{"a": 1}, {"a": 2}], "n": [1, 2]})]
    assert "('list',) in another order" in found
    assert "('list',) row 1 twice" in found
    assert "('list',) None before 0" in found
    assert "('list', 1) is {}" in found
    assert "('list', 0, 'a') is ''" in found
    assert "('list', 1, 'a') is dropped" in found
    assert not any("'n'" in what for what in found)


def test_of_rows_of_one_time_the_last_stays() -> None:
    rows = [[1_769_990_400_000, 1], [1_769_990_700_000, 2], [1_769_990_400_000, 3]]
    assert plain({"list": rows}) == {"list": [rows[2], rows[1]]}


def test_harm_is_an_error_or_another_row_that_is_gone() -> None:
    def fragile(rows: list[Any]) -> tuple[Any, ...]:
        if None in rows:
            raise NoData("gone")
        return tuple(rows[:2])

    assert "gone" in harm(fragile, [1, 2], Mutation("None", [1, None], [1]))
    assert "without 2" in harm(fragile, [1, 2, 3], Mutation("9 first", [9, 1, 2], [1, 2]))
    assert harm(fragile, [1, 2], Mutation("two", [1, 9], [1])) == ""
