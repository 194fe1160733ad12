"""Files for the visitor: what each holds, its name, and what its reader must know."""

from __future__ import annotations

import hashlib
from dataclasses import fields

import numpy as np

from liqmap.analysis.clusters import intervals_quote
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.evaluate.realised_share import WHOSE, Shares
from liqmap.language import mark
from liqmap.picture.export import (
    About,
    Table,
    clusters,
    csv,
    iso,
    levels,
    liquidations,
    matrix,
    profile,
    to_json,
)
from liqmap.picture.heatmap import draw
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.panels.history import history_of
from liqmap.session.state import Shown, State
from liqmap.venues.registry import ADAPTERS
from liqmap.view import MODELS

CONTENTS = {
    "profile": mark("Map now, by price"),
    "matrix": mark("Heatmap on screen"),
    "clusters": mark("Largest clusters"),
    "levels": mark("Levels of the history"),
    "liquidations": mark("Liquidations seen in this window"),
}
"""What may be taken away, and how the page calls it."""


def file_of(state: State, content: str, extension: str, *, version: str) -> tuple[str, str]:
    """Name and text of a file, `csv` or `json`, by a version of liqmap; empty without a picture.

    Raises
    ------
    InputError
        No such content or format.
    """
    if content not in CONTENTS or extension not in ("csv", "json"):
        raise InputError(f"There is no file of {content} as {extension}.")
    shown = state.standing if content in ("profile", "clusters") else state.shown
    if shown is None:
        return "", ""
    table, about = _table(state, shown, content), about_of(shown, content, version)
    text = csv(table, about) if extension == "csv" else to_json(table, about)
    return f"{_name(shown, content)}.{extension}", text


def about_of(shown: Shown, content: str, version: str) -> About:
    """Where the numbers come from: enough to make them again."""
    view, simulated = shown.view, shown.leader.simulated
    happened = content in ("levels", "liquidations")
    return {
        "content": CONTENTS[content],
        "nature": "SIMULATED" if simulated else "happened" if happened else "estimate",
        "unit": f"{_coin(shown)}{'' if happened else ', ' + _unit(shown.shares)}",
        "contract": shown.leader.instrument.name,
        "venues": " ".join(ADAPTERS[venue].title for venue in shown.markets if venue in ADAPTERS)
        or "simulated",
        "from_utc": iso(shown.first_ms),
        "to_utc": iso(shown.end_ms),
        "model": MODELS[view.model],
        "view": view.to_query() or "default",
        "liqmap_version": version,
        "inputs_sha256": inputs_sha256(shown),
    }


def inputs_sha256(shown: Shown) -> str:
    """A hash of all bars and open interest that the estimate has seen, venue by venue."""
    found = hashlib.sha256()
    for venue, market in shown.markets.items():
        found.update(venue.encode())
        for part in _inputs(market):
            for field in fields(part):
                value = getattr(part, field.name)
                found.update(b"" if value is None else np.asarray(value).tobytes())
    return found.hexdigest()


def _inputs(market: Market) -> list[Candles | OpenInterest]:
    parts = (market.before, market.candles, market.mark, market.open_interest)
    return [part for part in parts if part is not None]


def _table(state: State, shown: Shown, content: str) -> Table:
    coin, kind = _coin(shown), _unit(shown.shares).replace(" ", "_")
    if content == "profile":
        return profile(shown.amounts, coin, kind)
    if content == "clusters":
        found = clusters_of(shown)
        members = shown.members
        intervals = [] if members is None else intervals_quote(found, shown.amounts, members)
        return clusters(found, intervals, coin, kind)
    if content == "levels":
        return levels(history_of(state), coin)
    if content == "liquidations":
        seen = () if state.heard is None else state.heard.seen.values()
        return liquidations(Liquidations.joined(seen), coin, shown.coin.lower())
    detail = None if shown.detail is None else (shown.detail.amounts, shown.detail.versus)
    versus = None if shown.versus is None else (shown.view.versus, shown.versus)
    _, kept = draw(
        shown.leader,
        shown.amounts,
        shown.view,
        screen=state.screen,
        shares=shown.shares,
        versus=versus,
        detail=detail,
    )
    return matrix(kept.shown.cells, coin)


def _unit(shares: Shares | None) -> str:
    """What the amounts are: in English, as the names of columns are."""
    return "exposure" if shares is None else f"expected liquidations {WHOSE[shares.whose]}"


def _coin(shown: Shown) -> str:
    """Of prices; of several venues' sum, whose coins are worth a dollar each, `usd`."""
    coins = {market.instrument.quote_coin.lower() for market in shown.markets.values()}
    return coins.pop() if len(coins) == 1 else "usd"


def _name(shown: Shown, content: str) -> str:
    """`liqmap-BTC-USDT-PERP-bybit-profile-20260201T0000Z`."""
    venues = list(shown.markets)
    venue = "simulated" if shown.leader.simulated else venues[0]
    source = venue if len(venues) == 1 else f"{len(venues)}-venues"
    time = iso(shown.end_ms)[:16].replace("-", "").replace(":", "")
    return f"liqmap-{shown.leader.instrument.name}-{source}-{content}-{time}Z"
