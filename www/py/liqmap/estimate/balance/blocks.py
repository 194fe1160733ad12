"""Who is alive, in camps: a bar that reaches nobody of a camp need not look into it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from liqmap.estimate.cohorts import Crowd, joined

LARGEST = 2048


class Camp(NamedTuple):
    """Some positions, and the greatest depth among them."""

    who: Crowd
    depth: float


Camps = tuple[Camp, ...]


def settled(who: Crowd) -> Camps:
    """The same in camps of at most so many."""
    return tuple(
        _camp(who.rows(slice(begin, begin + LARGEST)))
        for begin in range(0, who.share.size, LARGEST)
    )


def parted(camps: Camps, reach: float) -> tuple[list[Crowd], list[Camp]]:
    """Who lies at or above the reach, and who stays; both in the order they came."""
    gone, stay = [], []
    for one in camps:
        if one.depth < reach:
            stay.append(one)
            continue
        reached = one.who.depth >= reach
        gone.append(one.who.rows(np.flatnonzero(reached)))
        stay.append(_camp(one.who.rows(np.flatnonzero(~reached))))
    return gone, stay


def gathered(camps: Iterable[Camp]) -> Camps:
    """The same, with small neighbours in one camp."""
    kept: list[Camp] = []
    for one in camps:
        if kept and kept[-1].who.share.size + one.who.share.size <= LARGEST:
            last = kept.pop()
            kept.append(Camp(joined((last.who, one.who)), max(last.depth, one.depth)))
        else:
            kept.append(one)
    return tuple(kept)


def _camp(who: Crowd) -> Camp:
    return Camp(who, float(who.depth.max(initial=-np.inf)))
