"""`liqmap score`: the estimate against what happened."""

from __future__ import annotations

from typing import Any

import click

from liqmap.cli.estimates import MARKET, estimated
from liqmap.cli.output import json_option, print_json, print_table
from liqmap.cli.sources import liquidations_of, view_options
from liqmap.evaluate.bootstrap import Score
from liqmap.evaluate.scorecard import Row, scorecard
from liqmap.session.judgement import longest
from liqmap.words import number


@click.command(
    epilog="\b\nExamples:\n  liqmap score bybit_BTC-USDT-PERP_5m.csv.gz --liquidations tape/\n"
    "  liqmap score demo --liquidations demo --range 7d"
)
@MARKET
@view_options
@click.option("--liquidations", required=True, metavar="FILE|DIR", help="What happened.")
@json_option
def score(
    source: str, range_: str, model: str, leverages: str, bar: str, liquidations: str, as_json: bool
) -> None:
    """How well the estimate ranks the hours of liquidations, beside rules that know nothing."""
    market, view, density = estimated(source, range_, model, leverages, bar)
    happened, watched = liquidations_of(liquidations, market)
    start_ms, end_ms = longest(watched, density)
    card = scorecard(
        market.candles,
        market.open_interest,
        density,
        happened,
        start_ms=start_ms,
        end_ms=end_ms,
        name=view.model,
    )
    rows = (*card.rows, *((card.lift,) if card.lift else ()), *card.by_price)
    if as_json:
        print_json(
            {
                "contract": market.instrument.name,
                "venue": market.venue,
                "start_ms": start_ms,
                "end_ms": end_ms,
                "beats": card.beats,
                "verdict": card.verdict,
                "words": card.words,
                "rows": [_row(one) for one in rows],
            }
        )
        return
    if rows:
        head = ("rank correlation", "longs", "shorts", "90 % interval", "90 % interval")
        print_table(head, [_said(one) for one in rows])
        click.echo()
    click.echo(f"{card.verdict} {card.words}")


def _row(one: Row) -> dict[str, Any]:
    return {"name": one.name, "long": one.long._asdict(), "short": one.short._asdict()}


def _said(one: Row) -> tuple[str, ...]:
    def interval(side: Score) -> str:
        return f"{number(side.low, 2)} … {number(side.high, 2)}"

    values = (number(side.value, 2) for side in (one.long, one.short))
    return (one.name, *values, interval(one.long), interval(one.short))
