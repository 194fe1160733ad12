"""What the first picture of a visitor asks of each venue, against what that allows an address.

All bars of a day's picture with the week and the month before it, from the stand-ins of the venues,
for a browser that keeps nothing yet. docs/explanation/scale.md says what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator

from liqmap.feed.directory import Directory
from liqmap.feed.markets import Markets
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View
from tests.support.clock import now_s, run
from tests.support.venue import MARKET, NOW, sending
from tools.replay.registry import VENUES


def figures() -> Iterator[tuple[str, float]]:
    """Requests, their part of what the venue allows in its period, and seconds they are held."""
    for venue in ADAPTERS:
        if venue in VENUES:
            requests, ratio, held_s = run(_asked(venue))
            yield f"visit_{venue}_requests", requests
            yield f"visit_{venue}_limit_ratio", ratio
            yield f"visit_{venue}_held_s", held_s


async def _asked(venue: str) -> tuple[int, float, float]:
    directory = Directory(sending(VENUES[venue](MARKET), NOW))
    began_s = now_s()

    async def chosen(_venue: str) -> None: ...

    async for _ in Markets(directory, lambda *_: None, chosen).of(View(venue=venue)):
        pass
    client = directory.client(venue)
    return client.sent, client.weight_sent / ADAPTERS[venue].limits.weight, now_s() - began_s
