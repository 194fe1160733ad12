"""What a batch reads: a file a venue, contract and month, below one root.

    ROOT/markets/venue=bybit/symbol=BTC-USDT-PERP/month=2026-01.parquet
    ROOT/liquidations/venue=bybit/symbol=BTC-USDT-PERP/month=2026-01.parquet

The root is a folder or any address of fsspec. Markets are those of `liqmap.files.markets`;
liquidations (`liqmap.files.liquidations`) may be missing, then the estimate is not scored. A month
is UTC's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import fsspec
import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.errors import InputError
from liqmap.files.liquidations import write_liquidations
from liqmap.files.markets import write_market

MARKETS, LIQUIDATIONS = "markets", "liquidations"
_PLACE = re.compile(
    r"(?P<kind>markets|liquidations)/venue=(?P<venue>[^/=]+)/symbol=(?P<symbol>[^/=]+)/"
    r"month=(?P<month>\d{4}-(?:0[1-9]|1[0-2]))\.parquet$"
)
_TELLS_OF_CHANGE = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created")
"""What file systems say of a file's content or age, the surest first."""


@dataclass(frozen=True, slots=True)
class Window:
    """A month of a contract, and the files that its summary is made of.

    Attributes
    ----------
    venue, symbol, month : str
        `bybit`, `BTC-USDT-PERP`, `2026-01`.
    market : str
        Path of its bars.
    before, liquidations : str
        Paths of the bars of the month before and of the liquidations; empty without such a file.
    stamp : str
        Another one as soon as one of these files is.
    """

    venue: str
    symbol: str
    month: str
    market: str
    before: str
    liquidations: str
    stamp: str

    @property
    def name(self) -> str:
        """`bybit/BTC-USDT-PERP/2026-01`."""
        return f"{self.venue}/{self.symbol}/{self.month}"


def path_of(root: str, kind: str, venue: str, symbol: str, month: str) -> str:
    """Where a file of `MARKETS` or `LIQUIDATIONS` lies."""
    return f"{root.rstrip('/')}/{kind}/venue={venue}/symbol={symbol}/month={month}.parquet"


def windows(root: str) -> list[Window]:
    """All months of all contracts below a root, in the order of their names.

    Raises
    ------
    InputError
        There is none, or the root cannot be read.
    """
    found: dict[tuple[str, ...], str] = {}
    try:
        system, place = fsspec.core.url_to_fs(root)
        system.invalidate_cache()
        for path, info in system.find(place, detail=True).items():
            if match := _PLACE.search(path):
                found[match.groups()] = _stamp(info)
    except OSError as error:
        raise InputError(f"{root} cannot be read: {error}.") from error
    listed = [_window(root, found, *key) for kind, *key in sorted(found) if kind == MARKETS]
    if not listed:
        raise InputError(
            f"{root} holds no markets.",
            hint=f"Expected {path_of('ROOT', MARKETS, 'VENUE', 'SYMBOL', 'YYYY-MM')}.",
        )
    return listed


def write_months(root: str, market: Market, liquidations: Liquidations | None = None) -> list[str]:
    """Write a market, and its liquidations if they are known, month by month; their paths.

    The liquidations are taken to be all that there were from the first bar to the end of the last.

    Raises
    ------
    InputError
        A file cannot be written.
    """
    bars, mark = market.candles, market.mark
    paths: list[str] = []
    of_bars = _months(bars.time_ms)
    for month in dict.fromkeys(of_bars):
        whose = (market.venue, market.instrument.name)
        first = not paths
        part = replace(
            market,
            candles=bars.rows(np.array([one == month for one in of_bars])),
            mark=None if mark is None else mark.rows(_inside(mark.time_ms, month)),
            before=market.before if first else None,
        )
        paths.append(path_of(root, MARKETS, *whose, month))
        write_market(paths[-1], part)
        if liquidations is not None:
            paths.append(path_of(root, LIQUIDATIONS, *whose, month))
            those = liquidations.rows(_inside(liquidations.time_ms, month))
            write_liquidations(paths[-1], {whose: those})
    return paths


def month_ms(month: str) -> tuple[float, float]:
    """When a month begins and ends [ms, UTC]."""
    first = np.datetime64(month, "M")
    begin, end = (float(one.astype("datetime64[ms]").astype(int)) for one in (first, first + 1))
    return begin, end


def _window(
    root: str, found: Mapping[tuple[str, ...], str], venue: str, symbol: str, month: str
) -> Window:
    before = str(np.datetime64(month, "M") - 1)
    keys = [
        (MARKETS, venue, symbol, month),
        (MARKETS, venue, symbol, before),
        (LIQUIDATIONS, venue, symbol, month),
    ]
    own, older, known = (path_of(root, *key) if key in found else "" for key in keys)
    stamp = "; ".join(found.get(key, "none") for key in keys)
    return Window(venue, symbol, month, own, older, known, stamp)


def _stamp(info: Mapping[str, Any]) -> str:
    """Size, and the surest sign of a change that the file system gives."""
    signs = (f"{name} {info[name]}" for name in _TELLS_OF_CHANGE if info.get(name) is not None)
    return f"{info.get('size')} bytes, {next(signs, 'of unknown age')}"


def _months(time_ms: Array) -> list[str]:
    """The month of each instant."""
    months: list[str] = (
        time_ms.astype("datetime64[ms]").astype("datetime64[M]").astype(str).tolist()
    )
    return months


def _inside(time_ms: Array, month: str) -> slice:
    begin, end = np.searchsorted(time_ms, month_ms(month))
    return slice(int(begin), int(end))
