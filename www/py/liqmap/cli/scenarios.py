"""`liqmap cascade` and `position`: what would happen."""

from __future__ import annotations

import click
import numpy as np

from liqmap.analysis.cascade import Depth, Impact, depth_of, forced_of
from liqmap.analysis.cascade import cascade as played
from liqmap.analysis.position import Position, bankrupt_at, liquidated_at, way
from liqmap.cli.estimates import MARKET, estimated
from liqmap.cli.output import json_option, print_facts, print_json, print_table
from liqmap.cli.sources import view_options
from liqmap.data.market import MaintenanceTiers, Market
from liqmap.errors import InputError, NotInstalled
from liqmap.evaluate.realised_share import ASSUMED
from liqmap.venues.registry import ADAPTERS
from liqmap.words import number, percent, usd

STANDARD_RATE = 0.005
"""Maintenance margin rate where a venue publishes none."""
_REACH_RATE = 0.1
"""How far a book reaches that `--depth` tells of."""


@click.command(
    epilog="\b\nExamples:\n  liqmap cascade bybit:BTC --shock -5\n"
    "  liqmap cascade btc.parquet --shock 3 --depth 80e6"
)
@MARKET
@view_options
@click.option("--shock", type=float, required=True, help="How far the price moves by itself [%].")
@click.option(
    "--depth",
    type=click.FloatRange(min=0, min_open=True),
    help="What rests in the book within each 1 % [USD]. Default: the venue's book now.",
)
@json_option
def cascade(
    source: str,
    range_: str,
    model: str,
    leverages: str,
    bar: str,
    shock: float,
    depth: float | None,
    as_json: bool,
) -> None:
    """Play a shock: what it sweeps is sold into the book, and sweeps more. A bound, no forecast."""
    if not 0 < abs(shock) <= 20:
        raise InputError("--shock: expected −20 to 20 per cent, and not 0.")
    market, _, density = estimated(source, range_, model, leverages, bar)
    side = 1 if shock < 0 else -1
    quote = (density.long_quote if side > 0 else density.short_quote)[:, -1].astype(np.float64)
    spot = float(market.candles.close[-1])
    reports_all = market.venue in ADAPTERS and ADAPTERS[market.venue].reports_all
    shares = ASSUMED["this_venue" if reports_all else "all_exchanges"]
    share = shares.long if side > 0 else shares.short
    exposed = forced_of(density.price_edges, quote, spot, side)
    forced = exposed.scaled(share.value, np.empty(0))
    found = played(forced, _depth(source, market, side, depth), abs(shock) / 100, Impact())
    steps = [
        {
            "to_price": spot * (1 - side * one.to_rate),
            "swept_quote": one.swept_quote,
            "absorbed_quote": one.absorbed_quote,
        }
        for one in found.steps
    ]
    final = spot * (1 - side * found.final_rate)
    if as_json:
        print_json(
            {
                "contract": market.instrument.name,
                "price": spot,
                "shock_rate": shock / 100,
                "realised_share": share.value,
                "final_price": final,
                "at_least": found.edge,
                "amplification": found.amplification,
                "steps": steps,
            }
        )
        return
    rows = [
        (
            "shock" if not at else str(at),
            number(one["to_price"], 1),
            usd(one["swept_quote"]),
            usd(one["absorbed_quote"]),
        )
        for at, one in enumerate(steps)
    ]
    print_table(("round", "price", "forced", "taken by the book"), rows)
    least = "at least " if found.edge else ""
    moved = percent(-side * found.final_rate, 2, signed=True)
    print_facts(
        [
            ("ends at", f"{least}{number(final, 1)} ({moved})"),
            ("amplification", f"{least}{number(found.amplification, 2)}×"),
            ("supposed", f"{percent(share.value, 1)} of what is swept is forced ({share.source})"),
            ("", "Nobody answers: a bound, not a forecast."),
        ]
    )


def _depth(source: str, market: Market, side: int, per_percent_quote: float | None) -> Depth:
    """The book that takes forced orders: as it is told, or the venue's now."""
    if per_percent_quote is not None:
        distance = np.linspace(0, _REACH_RATE, 101)
        return Depth(
            distance, 100 * per_percent_quote * distance, _REACH_RATE, 100 * per_percent_quote
        )
    venue, colon, symbol = source.partition(":")
    if not colon or venue not in ADAPTERS:
        raise InputError(
            "A file has no order book.", hint="Say what rests in it: --depth 50e6 (USD within 1 %)."
        )
    with NotInstalled.unless("fetch", "Asking a venue"):
        from liqmap.loading import book, waited_for  # noqa: PLC0415 - it needs aiohttp
    found = depth_of(waited_for(book(venue, symbol)), side)
    if found is None:
        raise InputError(f"The book of {ADAPTERS[venue].title} is empty on that side.")
    return found


@click.command(
    epilog="\b\nExample:\n  liqmap position bybit:BTC --side long --entry 91500 --size 20000 "
    "--leverage 25"
)
@MARKET
@view_options
@click.option("--side", type=click.Choice(["long", "short"]), required=True)
@click.option("--entry", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option(
    "--size", type=click.FloatRange(min=0, min_open=True), required=True, help="Notional [USD]."
)
@click.option("--leverage", type=click.FloatRange(min=1), required=True)
@click.option("--wallet", type=click.FloatRange(min=0), default=0.0, help="Cross margin [USD].")
@json_option
def position(
    source: str,
    range_: str,
    model: str,
    leverages: str,
    bar: str,
    side: str,
    entry: float,
    size: float,
    leverage: float,
    wallet: float,
    as_json: bool,
) -> None:
    """Your own position: where it is liquidated, and what waits on the way there."""
    market, _, density = estimated(source, range_, model, leverages, bar)
    kind = market.instrument.kind
    one = Position(1 if side == "long" else -1, entry, size, leverage, wallet)
    tiers = market.maintenance or MaintenanceTiers(
        np.array([np.inf]), np.array([STANDARD_RATE]), np.zeros(1)
    )
    liquidation, bankruptcy = liquidated_at(one, tiers, kind), bankrupt_at(one, kind)
    spot = float(market.candles.close[-1])
    found = {
        "contract": market.instrument.name,
        "price": spot,
        "liquidation_price": liquidation,
        "bankruptcy_price": bankruptcy,
        "distance_rate": liquidation / spot - 1 if 0 < liquidation < np.inf else np.nan,
        "tiers": "of the venue" if market.maintenance is not None else "assumed",
    }
    reached = 0 < liquidation < np.inf
    passed = way(density, spot, liquidation) if reached else None
    if passed is not None:
        found |= {"long_quote": passed.long_quote, "short_quote": passed.short_quote}
    if as_json:
        print_json(found)
        return
    facts = [
        ("price", number(spot, 1)),
        ("liquidation price", number(liquidation, 1) if reached else "none"),
        ("bankruptcy price", number(bankruptcy, 1)),
    ]
    if passed is not None:
        facts += [
            ("distance", percent(liquidation / spot - 1, 2, signed=True)),
            (
                "on the way",
                f"{usd(passed.long_quote)} longs, {usd(passed.short_quote)} shorts wait",
            ),
        ]
    if market.maintenance is None:
        facts.append(("supposed", f"maintenance margin of {percent(STANDARD_RATE, 1)}"))
    print_facts(facts)
