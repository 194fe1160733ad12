"""What all that is sent to our readers of venues has in common: questions, messages, soundness."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from liqmap.data.market import Instrument
from liqmap.venues.adapter import Adapter
from liqmap.venues.stream import Stream
from tests.support.conversation import play
from tests.support.fixtures import fixtures

STEP_MS = 300_000
HOUR_MS = 3_600_000
START_MS = 1_769_990_400_000
END_MS = START_MS + 4 * STEP_MS


def conversations(adapter: Adapter) -> list[Callable[[], Any]]:
    """Everything that can be asked of a venue about the contract of its fixtures."""
    answer = fixtures(adapter.venue).answer
    native = fixtures(adapter.venue).expected["instrument"]["native"]
    listed = play(adapter, adapter.instruments(), answer)
    one = next(one for one in listed if one.native == native)
    span = (STEP_MS, START_MS, END_MS)
    offered: dict[str, Callable[[], Any]] = {
        "mark": lambda: adapter.mark(one, *span),
        "open_interest": lambda: adapter.open_interest(one, *span),
        "maintenance": lambda: adapter.maintenance(one),
        "liquidations": lambda: adapter.liquidations(one, START_MS, END_MS),
        "order_book": lambda: adapter.order_book(one),
        "funding": lambda: adapter.funding(one, START_MS - 16 * HOUR_MS, START_MS),
        "long_short_ratio": lambda: adapter.long_short_ratio(one, *span),
    }
    return [
        adapter.instruments,
        lambda: adapter.candles(one, STEP_MS),
        lambda: adapter.candles(one, *span),
        lambda: adapter.snapshot(one),
        *(ask for series, ask in offered.items() if series in adapter.offers),
    ]


def messages(stream: Stream) -> list[Any]:
    """Decoded messages of a stream's fixtures."""
    texts = fixtures(stream.venue).messages.values()
    return [json.loads(text) for text in texts if text.startswith("{")]


def bitcoin(stream: Stream) -> Instrument:
    """The contract that they are about."""
    native = fixtures(stream.venue).expected["instrument"]["native"]
    return Instrument("BTC-USDT-PERP", native, "BTC", "USDT")


def sound(value: Any) -> None:
    """Raise when a number anywhere within is not finite; the last tier may be endless."""
    if isinstance(value, np.ndarray):
        assert np.isfinite(value).all(), value
    elif isinstance(value, float):
        assert np.isfinite(value), value
    elif isinstance(value, tuple):
        for item in value:
            sound(item)
    elif is_dataclass(value):
        for one in fields(value):
            if one.name != "notional_cap_quote":
                sound(getattr(value, one.name))
