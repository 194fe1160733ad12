"""`liqmap export` and `serve`: the picture and its numbers as files; the built page."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import numpy as np

from liqmap.analysis.clusters import largest_clusters, listed
from liqmap.cli.estimates import MARKET, estimated
from liqmap.cli.sources import liquidations_of, market_of, view_of, view_options
from liqmap.data.market import Market
from liqmap.errors import InputError, NotInstalled
from liqmap.estimate.density import Density

KINDS = (".csv", ".csv.gz", ".parquet", ".json", ".png", ".html")


@click.command(
    epilog="\b\nExamples:\n  liqmap export bybit:BTC btc.html\n"
    "  liqmap export btc.parquet map.png --range 3d --theme light\n"
    "  liqmap export demo profile.json"
)
@MARKET
@click.argument("path", metavar="FILE")
@view_options
@click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True)
@click.option("--liquidations", default="", metavar="FILE|DIR", help="Marked on the picture.")
def export(
    source: str,
    path: str,
    range_: str,
    model: str,
    leverages: str,
    bar: str,
    theme: str,
    liquidations: str,
) -> None:
    """Write the picture (.html, .png), all bins (.csv, .parquet), or what stands now (.json).

    The HTML file stands alone: it can be sent, and opens without a network.
    """
    kind = next((one for one in KINDS if path.lower().endswith(one)), "")
    if not kind:
        raise InputError(f"{path}: expected a name that ends in {', '.join(KINDS)}.")
    if kind in (".html", ".png"):  # what is drawn is estimated for the picture
        market = market_of(source, view_of(range_, model, leverages), bar)
        happened = liquidations_of(liquidations, market)[0] if liquidations else None
        how = f"range={range_}&model={model}&leverages={leverages}&theme={theme}"
        with NotInstalled.unless("plot", "Drawing"):
            from liqmap.drawing.figure import html  # noqa: PLC0415 - it needs Bokeh
            from liqmap.drawing.image import png  # noqa: PLC0415 - it needs Pillow
        if kind == ".html":
            content = html(market, how, liquidations=happened).encode()
        else:
            content = png(market, how)
        Path(path).write_bytes(content)
        click.echo(path)
        return
    market, _, density = estimated(source, range_, model, leverages, bar)
    if kind == ".json":
        Path(path).write_text(_as_json(market, density))
    else:
        with NotInstalled.unless("data", "Writing a table"):
            from liqmap.files.densities import write_density  # noqa: PLC0415 - it needs pyarrow
        write_density(path, density)
    click.echo(path)


def _as_json(market: Market, density: Density) -> str:
    """The last column and its largest clusters."""
    spot = float(market.candles.close[-1])
    clusters = [
        {
            "price": one.price,
            "position_side": one.position_side,
            "amount_quote": one.amount_quote,
            "distance_rate": one.distance_rate,
            "leverages": listed(one.ranges),
            "since_ms": one.since_ms,
        }
        for one in largest_clusters(density, spot)
    ]
    sides = {
        name: np.round(one[:, -1].astype(np.float64), 2).tolist()
        for name, one in (("long_quote", density.long_quote), ("short_quote", density.short_quote))
    }
    found: dict[str, Any] = {
        "contract": market.instrument.name,
        "venue": market.venue,
        "simulated": market.simulated,
        "what": "exposure, estimated; not liquidations",
        "time_ms": float(density.time_edges_ms[-1]),
        "price": spot,
        "clusters": clusters,
        "price_edges": density.price_edges.tolist(),
        **sides,
    }
    return json.dumps(found, separators=(",", ":")) + "\n"


@click.command(epilog="\b\nExample:\n  liqmap serve dist --port 8000")
@click.argument("site", default="dist", metavar="[DIR]")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True)
def serve(site: str, port: int) -> None:
    """Show a built page on localhost; `python3 build.py build` of the repository makes one."""
    folder = Path(site)
    if not (folder / "index.html").is_file():
        raise InputError(
            f"{folder} holds no built page.",
            hint="`python3 build.py build` in the repository makes one in dist/.",
        )
    handler: Callable[..., SimpleHTTPRequestHandler] = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        click.echo(f"http://127.0.0.1:{server.server_address[1]}/")
        server.serve_forever()


class _Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, with the types that a browser insists on."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
    }

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing of each request."""
