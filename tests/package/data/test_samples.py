"""Samples: what they hold, and what they refuse."""

from __future__ import annotations

import pytest

from liqmap.data.samples import Samples
from liqmap.errors import InputError


def test_columns_are_copies_that_cannot_be_changed() -> None:
    found = Samples([1, 2], [0.5, -0.5])  # type: ignore[arg-type]
    assert len(found) == 2
    assert found.value.tolist() == [0.5, -0.5]
    with pytest.raises(ValueError, match="read-only"):
        found.value[0] = 1.0


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (([1, 2], [1]), "value: not of the length"),
        (([[1, 2]], [1, 2]), "time_ms: not of the length"),
        (([1, 2], [1, float("nan")]), "value: not a finite"),
        (([2, 2], [1, 1]), "not ascending"),
    ],
)
def test_what_cannot_be(columns: tuple[list[float], list[float]], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        Samples(*columns)  # type: ignore[arg-type]
