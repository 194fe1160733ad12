"""`liqmap estimate`, `profile` and `levels`: what waits where."""

from __future__ import annotations

from typing import Any

import click
import numpy as np

from liqmap.analysis.clusters import Cluster, largest_clusters, listed, nearest_large
from liqmap.analysis.levels import history
from liqmap.analysis.situation import balance_within
from liqmap.cli.output import json_option, print_facts, print_json, print_table
from liqmap.cli.sources import liquidations_of, market_of, view_of, view_options
from liqmap.data.market import Market
from liqmap.errors import NotInstalled
from liqmap.estimate.density import Density
from liqmap.picture.viewport import Frame
from liqmap.session.estimates import estimate_in
from liqmap.view import View
from liqmap.words import clock, number, percent, side_of, usd

MARKET = click.argument("source", metavar="MARKET")
NEAR_RATES = (0.01, 0.02, 0.05)


def estimated(
    source: str, range_: str, model: str, leverages: str, bar: str
) -> tuple[Market, View, Density]:
    """The market that the arguments mean, and its density."""
    view = view_of(range_, model, leverages)
    market = market_of(source, view, bar)
    return market, view, estimate_in(market, Frame.around([market], view), model, view.leverages)


@click.command(
    epilog="\b\nExamples:\n  liqmap estimate bybit:BTC\n"
    "  liqmap estimate btc.parquet --range 30d --leverages 50-100 -o density.parquet\n"
    "  liqmap estimate demo --json | jq .shorts_above_quote"
)
@MARKET
@view_options
@click.option("-o", "--out", default="", metavar="FILE", help="Also keep all bins of all columns.")
@json_option
def estimate(
    source: str, range_: str, model: str, leverages: str, bar: str, out: str, as_json: bool
) -> None:
    """Estimate where positions would be liquidated, and say how the price stands to it."""
    market, _, density = estimated(source, range_, model, leverages, bar)
    if out:
        with NotInstalled.unless("data", "Writing a file"):
            from liqmap.files.densities import write_density  # noqa: PLC0415 - it needs pyarrow
        write_density(out, density)
    spot = float(market.candles.close[-1])
    clusters = largest_clusters(density, spot)
    below, above = nearest_large(clusters, 1), nearest_large(clusters, -1)
    near = [balance_within(density, spot, rate) for rate in NEAR_RATES]
    found: dict[str, Any] = {
        "contract": market.instrument.name,
        "venue": market.venue,
        "simulated": market.simulated,
        "model": model,
        "end_ms": float(market.candles.end_ms[-1]),
        "price": spot,
        "longs_below_quote": _sum(density, 1),
        "shorts_above_quote": _sum(density, -1),
        "nearest_below": _cluster(below),
        "nearest_above": _cluster(above),
        "within": [
            {"rate": one.rate, "long_quote": one.long_quote, "short_quote": one.short_quote}
            for one in near
            if one is not None
        ],
        "notices": list(market.notices),
    }
    if as_json:
        print_json(found)
        return
    simulated = ", SIMULATED" if market.simulated else ""
    facts = [
        ("contract", f"{market.instrument.name}, {market.venue}{simulated}"),
        ("until", f"{clock(density.time_edges_ms[-1])} UTC"),
        ("price", number(spot, 1)),
        ("longs below", f"{usd(found['longs_below_quote'])} exposure, estimated"),
        ("shorts above", f"{usd(found['shorts_above_quote'])} exposure, estimated"),
        *(("nearest large", _said(one)) for one in (below, above) if one is not None),
    ]
    facts += [
        (
            f"within {percent(one.rate)}",
            f"{usd(one.long_quote)} longs below, {usd(one.short_quote)} shorts above",
        )
        for one in near
        if one is not None
    ]
    print_facts([*facts, *(("note", notice) for notice in market.notices)])


@click.command(epilog="\b\nExample:\n  liqmap profile okx:ETH --rows 20")
@MARKET
@view_options
@click.option("--rows", type=click.IntRange(min=2), default=40, show_default=True)
@json_option
def profile(
    source: str, range_: str, model: str, leverages: str, bar: str, rows: int, as_json: bool
) -> None:
    """What waits at each price now: exposure in USD, longs and shorts."""
    market, _, density = estimated(source, range_, model, leverages, bar)
    edges = np.linspace(0, density.price_edges.size - 1, rows + 1).round().astype(np.intp)
    sums = [
        np.add.reduceat(one[:, -1].astype(np.float64), edges[:-1])
        for one in (density.long_quote, density.short_quote)
    ]
    ends = density.price_edges[edges]
    table = list(
        zip(ends[:-1].tolist(), ends[1:].tolist(), *(one.tolist() for one in sums), strict=True)
    )
    if as_json:
        names = ("low_price", "high_price", "long_quote", "short_quote")
        bins = [dict(zip(names, row, strict=True)) for row in table]
        print_json(
            {"contract": market.instrument.name, "price": market.candles.close[-1], "bins": bins}
        )
        return
    rows_said = [
        (f"{number(low, 1)} – {number(high, 1)}", usd(long), usd(short))
        for low, high, long, short in reversed(table)
    ]
    print_table(("price", "longs", "shorts"), rows_said)


@click.command(
    epilog="\b\nExamples:\n  liqmap levels bybit:SOL --count 6\n"
    "  liqmap levels btc.parquet --liquidations tape/"
)
@MARKET
@view_options
@click.option("--count", type=click.IntRange(min=1), default=10, show_default=True)
@click.option(
    "--liquidations",
    default="",
    metavar="FILE|DIR",
    help="Also the prices where much was liquidated, and what the price did there after.",
)
@json_option
def levels(
    source: str,
    range_: str,
    model: str,
    leverages: str,
    bar: str,
    count: int,
    liquidations: str,
    as_json: bool,
) -> None:
    """The largest clusters that wait, and the levels that liquidations have left."""
    market, _, density = estimated(source, range_, model, leverages, bar)
    clusters = largest_clusters(density, float(market.candles.close[-1]), count)
    found: dict[str, Any] = {
        "contract": market.instrument.name,
        "clusters": [_cluster(one) for one in clusters],
    }
    past = None
    if liquidations:
        past = history(liquidations_of(liquidations, market)[0], market.candles)
        found["levels"] = [
            {
                "position_side": one.position_side,
                "low_price": one.low_price,
                "high_price": one.high_price,
                "amount_quote": one.amount_quote,
                "held": one.trials.held,
                "broken": one.trials.broken,
            }
            for one in past.levels[:count]
        ]
    if as_json:
        print_json(found)
        return
    head = ("price", "side", "exposure", "distance", "leverage", "since")
    print_table(head, [_row(one) for one in clusters])
    if past is not None:
        click.echo()
        past_rows = [
            (
                f"{number(one.low_price, 1)} – {number(one.high_price, 1)}",
                side_of(one.position_side),
                usd(one.amount_quote),
                str(one.trials.held),
                str(one.trials.broken),
            )
            for one in past.levels[:count]
        ]
        print_table(("level", "side", "liquidated", "held", "broken"), past_rows)


def _sum(density: Density, position_side: int) -> float:
    """What waits on a side now, in the grid and beyond it [quote]."""
    quote = density.long_quote if position_side > 0 else density.short_quote
    return float(quote[:, -1].sum(dtype=np.float64))


def _cluster(one: Cluster | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "price": one.price,
        "low_price": one.low_price,
        "high_price": one.high_price,
        "position_side": one.position_side,
        "amount_quote": one.amount_quote,
        "distance_rate": one.distance_rate,
        "leverages": listed(one.ranges),
        "since_ms": one.since_ms,
    }


def _row(one: Cluster) -> tuple[str, ...]:
    return (
        number(one.price, 1),
        side_of(one.position_side),
        usd(one.amount_quote),
        percent(one.distance_rate, 2, signed=True),
        listed(one.ranges),
        f"{clock(one.since_ms)} UTC",
    )


def _said(one: Cluster) -> str:
    price, side, amount, distance, leverage, _ = _row(one)
    return f"{amount} of {side}s at {price} ({distance}), {leverage}"
