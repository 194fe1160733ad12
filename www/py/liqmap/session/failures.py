"""What is said of a failure: what went wrong, what is on screen meanwhile, what to do."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from liqmap.data.market import Market
from liqmap.errors import LiqmapError
from liqmap.language import say
from liqmap.session.messages import Status
from liqmap.session.state import Shown
from liqmap.venues.registry import ADAPTERS
from liqmap.words import instant


def failed(error: LiqmapError, shown: Shown | None) -> Status:
    """The status after a failure; the picture before it, if there is one, stays.

    Without one, the page offers the simulated example: it never takes the place of the market
    that was asked for by itself.
    """
    parts = [str(error), "" if shown is None else still(shown)]
    if passing(error):
        parts.append(say("It is tried again by itself."))
    return Status(
        state="failed" if shown is None else "stale",
        sentence=" ".join(part for part in parts if part),
        detail="\n".join(part for part in (error.where, error.detail) if part),
        retry=True,
        example=shown is None,
    )


def unheard(error: LiqmapError, market: Market) -> Status:
    """The status while new bars do not come; what there is stays."""
    at = instant(float(market.candles.end_ms[-1]))
    still_here = say("Showing bars to {time}; trying again.", time=at)
    return Status("stale", f"{error.sentence} {still_here}")


def late(errors: Mapping[str, LiqmapError]) -> tuple[str, ...]:
    """Of the venues of a sum that gave no new bars, a sentence each."""
    return tuple(
        say("{venue} is late: {why}", venue=ADAPTERS[venue].title, why=error.sentence)
        for venue, error in errors.items()
    )


def still(shown: Shown) -> str:
    """`Still showing BTC-USDT-PERP from Bybit, 24h to 13 Mar 00:00 UTC.`"""
    if shown.leader.simulated:
        return say("Still showing the simulated example.")
    instrument = shown.leader.instrument
    name = instrument.name if len(shown.markets) == 1 else instrument.base_coin
    titles = ", ".join(ADAPTERS[venue].title for venue in shown.markets)
    at = instant(float(shown.leader.candles.end_ms[-1]))
    return say(
        "Still showing {name} from {venues}, {range} to {time}.",
        name=name,
        venues=titles,
        range=shown.view.range,
        time=at,
    )


def passing(error: LiqmapError) -> bool:
    """Whether the same question may be answered later."""
    return error.retry != "never"


def fault(error: Exception) -> LiqmapError:
    """An unexpected exception, as what a visitor reads."""
    return LiqmapError(
        say("liqmap has a fault."),
        hint=say("Reload the page; if it stays, report it with the details."),
        detail="".join(traceback.format_exception(error)),
    )
