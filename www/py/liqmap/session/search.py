"""The search over the contracts of all venues."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from liqmap.data.market import Instrument
from liqmap.data.search import search_all, turnover
from liqmap.errors import LiqmapError
from liqmap.feed.directory import Directory
from liqmap.language import count, say
from liqmap.session.messages import Found
from liqmap.venues.registry import TITLES
from liqmap.words import number

MOST = 60
"""Contracts in an answer: more than anybody reads."""
AGAIN_S = 60.0
"""A venue whose list could not be read is not asked for it sooner."""


class ContractSearch:
    """Finds contracts of all venues by what somebody types.

    The venues' lists are asked for at the first search; answers are given with those that are
    there, and again as more come.

    Parameters
    ----------
    directory : Directory
    post : callable
        Takes each answer.
    """

    def __init__(self, directory: Directory, post: Callable[[Found], None]) -> None:
        self._directory, self._post = directory, post
        self._text = ""
        self._listed: dict[str, tuple[Instrument, ...]] = {}
        self._asked_s: dict[str, float] = {}
        self._asking: set[str] = set()

    async def find(self, text: str) -> None:
        """Answer with the contracts that the text may mean, the likeliest first; all for none."""
        self._text = text
        now_s = asyncio.get_running_loop().time()
        lacking = [
            venue
            for venue in TITLES
            if venue not in self._listed and self._asked_s.get(venue, -AGAIN_S) <= now_s - AGAIN_S
        ]
        self._asked_s |= dict.fromkeys(lacking, now_s)
        self._asking |= set(lacking)
        self._answer()
        await asyncio.gather(*map(self._ask, lacking))

    async def _ask(self, venue: str) -> None:
        try:
            self._listed[venue] = await self._directory.listed(venue)
        except LiqmapError:
            pass  # the answer says that it cannot be read
        finally:
            self._asking.discard(venue)
        self._answer()

    def _answer(self) -> None:
        listed = {venue: self._listed[venue] for venue in TITLES if venue in self._listed}
        found = search_all(listed, self._text)
        rows = tuple(
            (f"{venue}:{one.name}", one.name, TITLES[venue], _traded(one))
            for venue, one in found[:MOST]
        )
        self._post(Found(text=self._text, rows=rows, words=self._words(len(found))))

    def _words(self, many: int) -> str:
        """How many there are, and of which venues none can be."""
        parts = [_number(many)]
        if self._asking:
            venues = _named(self._asking)
            parts.append(say("Waiting for the lists of {venues}.", venues=venues))
        lacking = TITLES.keys() - self._listed.keys() - self._asking
        if lacking:
            venues = _named(lacking)
            parts.append(
                say("Without {venues}, which cannot be read from here now.", venues=venues)
            )
        return " ".join(parts)


def _number(many: int) -> str:
    """How many there are, and how many of these are in the answer."""
    n = number(many)
    if many > MOST:
        return say("The first {most} of {n} contracts.", most=MOST, n=n)
    return count("{n} contract.", "{n} contracts.", many, n=n)


def _named(venues: set[str]) -> str:
    """Titles of venues, in the order in which they are tried."""
    return ", ".join(title for venue, title in TITLES.items() if venue in venues)


def _traded(instrument: Instrument) -> str:
    if instrument.volume_24h_quote <= 0:
        return ""
    return say("{amount} a day", amount=turnover(instrument))
