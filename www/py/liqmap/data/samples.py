"""One number over time: a funding rate, a ratio of accounts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.errors import InputError


@dataclass(frozen=True, eq=False, slots=True)
class Samples:
    """Values at instants; whoever gives them says what they are of.

    Parameters
    ----------
    time_ms : array of shape (n,)
        UTC, ascending.
    value : array of shape (n,)

    Raises
    ------
    InputError
        Unequal lengths, values that are not finite, times that do not ascend.
    """

    time_ms: Array
    value: Array

    def __post_init__(self) -> None:
        for name in ("time_ms", "value"):
            column = np.array(getattr(self, name), dtype=np.float64)
            column.flags.writeable = False
            object.__setattr__(self, name, column)
            if column.shape != (np.size(self.time_ms),):
                raise InputError(f"Samples.{name}: not of the length of time_ms.")
            if not np.isfinite(column).all():
                raise InputError(f"Samples.{name}: not a finite number.")
        if (np.diff(self.time_ms) <= 0).any():
            raise InputError("Samples.time_ms: not ascending.")

    def __len__(self) -> int:
        return int(self.time_ms.size)
