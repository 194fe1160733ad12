"""Open positions in chunks: one that a bar does not reach need not be looked into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from liqmap.estimate.cohorts import Cohorts, joined

LARGEST = 2048


class Chunk(NamedTuple):
    """Some positions, and the greatest depth among them."""

    who: Cohorts
    depth: float


Chunks = tuple[Chunk, ...]


def settled(who: Cohorts) -> Chunks:
    """The same positions in chunks of at most `LARGEST`."""
    return tuple(
        _chunk(who.rows(slice(begin, begin + LARGEST)))
        for begin in range(0, who.depth.size, LARGEST)
    )


def parted(chunks: Chunks, reach: float) -> tuple[list[Cohorts], list[Chunk]]:
    """Positions at or above the reach, and chunks of those that stay, in the order they came."""
    gone, stay = [], []
    for one in chunks:
        if one.depth < reach:
            stay.append(one)
            continue
        reached = one.who.depth >= reach
        gone.append(one.who.rows(np.flatnonzero(reached)))
        stay.append(_chunk(one.who.rows(np.flatnonzero(~reached))))
    return gone, stay


def gathered(chunks: Iterable[Chunk]) -> Chunks:
    """The same positions; small neighbours are one chunk."""
    kept: list[Chunk] = []
    for one in chunks:
        if kept and kept[-1].who.depth.size + one.who.depth.size <= LARGEST:
            last = kept.pop()
            kept.append(Chunk(joined((last.who, one.who)), max(last.depth, one.depth)))
        else:
            kept.append(one)
    return tuple(kept)


def _chunk(who: Cohorts) -> Chunk:
    return Chunk(who, float(who.depth.max(initial=-np.inf)))
