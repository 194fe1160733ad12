"""A market as a file: a row a bar, in the layout that `serve --replay` and the bench read.

| column | unit |
|---|---|
| `time_ms` | the bar's opening, UTC |
| `open`, `high`, `low`, `close` | quote/base |
| `volume_base`, `taker_buy_base` | base; takers' buys where they are known |
| `open_interest_base` | base, ONE side, at the bar's END; `nan` where there is no sample |
| `mark_open`, `mark_high`, `mark_low`, `mark_close` | quote/base, where mark prices are known |
| `end_ms` | the bar's end, where longer bars stand before the others |

A Parquet file also keeps what the contract is. Of a CSV file the caller says it, or its name:
`bybit_BTC-USDT-PERP_5m.csv.gz`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.data.market import Instrument, MaintenanceTiers, Market
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.data.symbols import canonical_name
from liqmap.errors import InputError
from liqmap.files import table
from liqmap.files.table import Table

_NAME = re.compile(r"(?P<venue>[a-z]+)_(?P<name>[A-Za-z0-9-]+?)_\d+(m|h|d)\b")
_PRICES = ("open", "high", "low", "close")
UNKNOWN_VENUE = "file"


def read_market(path: str, *, venue: str = "", symbol: str = "") -> Market:
    """The market in a file.

    Parameters
    ----------
    path : str
        `.csv`, `.csv.gz` or `.parquet`, here or at any address of fsspec.
    venue, symbol : str, optional
        Whose market it is: `bybit`, `BTC-USDT-PERP`. Default: what the file or its name says,
        else `file` and BTC-USDT-PERP.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or holds impossible values.
    """
    held = table.read(path)
    time_ms = held.numbers("time_ms")
    prices = {name: held.numbers(name) for name in _PRICES}
    volume_base = held.numbers("volume_base")
    traded = _finite([time_ms, *prices.values(), volume_base])
    if not traded.any():
        raise InputError(f"{path} holds no bar.")
    ends_ms = held.numbers("end_ms")[traded] if "end_ms" in held.columns else np.zeros(0)
    opens_ms = time_ms[traded]
    step_ms = float(ends_ms[-1] - opens_ms[-1]) if ends_ms.size else _shortest(time_ms)
    bars = Candles(
        opens_ms,
        **{name: values[traded] for name, values in prices.items()},
        volume_base=volume_base[traded],
        taker_buy_base=_all_known(held, "taker_buy_base", traded),
        step_ms=step_ms,
        end_ms=ends_ms,
    )
    longer = bars.end_ms - bars.time_ms > 1.5 * bars.step_ms
    sampled_ms = held.numbers("end_ms") if ends_ms.size else time_ms + bars.step_ms
    interest = held.numbers("open_interest_base")
    known = np.isfinite(interest)
    if not known.any():
        raise InputError(f"{path} holds no open interest.")
    about: Mapping[str, Any] = held.about
    return Market(
        venue=venue or about.get("venue", "") or _named(path, "venue") or UNKNOWN_VENUE,
        instrument=_instrument(about, symbol or _named(path, "name")),
        candles=bars.rows(~longer),
        open_interest=OpenInterest(sampled_ms[known], interest[known]),
        mark=_mark(held, bars.step_ms),
        maintenance=_tiers(about),
        notices=tuple(about.get("notices", ())),
        simulated=bool(about.get("simulated", False)),
        before=_longer(bars.rows(longer)) if longer.any() else None,
    )


def write_market(path: str, market: Market) -> None:
    """Write a market; raises `InputError` where the path cannot be written to."""
    table.write(path, as_table(market))


def as_table(market: Market) -> Table:
    """A market as columns, a row a bar; samples between two ends of bars are the bar's last."""
    bars, samples = market.history, market.open_interest
    columns: dict[str, table.Column] = {"time_ms": bars.time_ms}
    columns |= {name: getattr(bars, name) for name in (*_PRICES, "volume_base")}
    if bars.taker_buy_base is not None:
        columns["taker_buy_base"] = bars.taker_buy_base
    last = np.searchsorted(samples.time_ms, bars.end_ms, side="right") - 1
    fresh = (last >= 0) & (samples.time_ms[last] > bars.time_ms)
    columns["open_interest_base"] = np.where(fresh, samples.open_interest_base[last], np.nan)
    if market.mark is not None and len(market.mark):
        row = np.minimum(np.searchsorted(market.mark.time_ms, bars.time_ms), len(market.mark) - 1)
        same = market.mark.time_ms[row] == bars.time_ms
        for name in _PRICES:
            columns[f"mark_{name}"] = np.where(same, getattr(market.mark, name)[row], np.nan)
    if market.before is not None:
        columns["end_ms"] = bars.end_ms
    return Table(columns, _about(market))


def _about(market: Market) -> dict[str, Any]:
    """What columns do not tell."""
    tiers = market.maintenance
    return {
        "venue": market.venue,
        "instrument": asdict(market.instrument),
        "maintenance": None
        if tiers is None
        else {
            # JSON has no infinity
            "notional_cap_quote": [cap if np.isfinite(cap) else None for cap in _list(tiers, 0)],
            "maintenance_rate": _list(tiers, 1),
            "deduction_quote": _list(tiers, 2),
            "rule": tiers.rule,
        },
        "notices": list(market.notices),
        "simulated": market.simulated,
    }


def _list(tiers: MaintenanceTiers, column: int) -> list[float]:
    columns = (tiers.notional_cap_quote, tiers.maintenance_rate, tiers.deduction_quote)
    values: list[float] = columns[column].tolist()
    return values


def _tiers(about: Mapping[str, Any]) -> MaintenanceTiers | None:
    held = about.get("maintenance")
    if held is None:
        return None
    caps = [np.inf if cap is None else cap for cap in held["notional_cap_quote"]]
    rates, deductions = held["maintenance_rate"], held["deduction_quote"]
    return MaintenanceTiers(np.array(caps), np.array(rates), np.array(deductions), held["rule"])


def _instrument(about: Mapping[str, Any], symbol: str) -> Instrument:
    """The contract that the file tells of, under the name that the caller gives."""
    held = about.get("instrument")
    if held is not None:
        instrument = Instrument(**held)
        return replace(instrument, name=symbol) if symbol else instrument
    name = canonical_name(symbol or "BTC-USDT-PERP")
    coin, quote = name.split("-")[:2]
    return Instrument(name, symbol or name, coin, quote)


def _named(path: str, part: str) -> str:
    """What the file's name says of its market."""
    found = _NAME.search(path.replace("\\", "/").rpartition("/")[2])
    return found[part] if found else ""


def _longer(bars: Candles) -> Candles:
    """The longer bars, with their own length."""
    return replace(bars, step_ms=float(np.max(bars.end_ms - bars.time_ms)))


def _shortest(time_ms: Array) -> float:
    """The least distance of two rows, traded or not: a bar's length; 0 of one alone."""
    return float(np.diff(time_ms).min()) if time_ms.size > 1 else 0.0


def _finite(columns: list[Array]) -> NDArray[np.bool_]:
    """The rows of which every value is there."""
    return np.array(np.isfinite(columns).all(axis=0))


def _all_known(held: Table, name: str, rows: NDArray[np.bool_]) -> Array | None:
    """A column of which every value is there, else nothing."""
    if name not in held.columns:
        return None
    values = held.numbers(name)[rows]
    return values if np.isfinite(values).all() else None


def _mark(held: Table, step_ms: float) -> Candles | None:
    if "mark_open" not in held.columns:
        return None
    time_ms, prices = held.numbers("time_ms"), {one: held.numbers(f"mark_{one}") for one in _PRICES}
    known = _finite(list(prices.values()))
    if not known.any():
        return None
    kept = {name: values[known] for name, values in prices.items()}
    none = np.zeros(int(known.sum()))
    return Candles(time_ms[known], **kept, volume_base=none, step_ms=step_ms)
