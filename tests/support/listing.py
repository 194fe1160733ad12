"""The contract of which the fixtures of a venue speak."""

from __future__ import annotations

from liqmap.data.market import Instrument
from liqmap.venues.adapter import Adapter
from tests.support.conversation import play
from tests.support.fixtures import fixtures


def instrument_of(adapter: Adapter) -> Instrument:
    """As the venue's list of contracts has it."""
    native = fixtures(adapter.venue).expected["instrument"]["native"]
    listed = play(adapter, adapter.instruments(), fixtures(adapter.venue).answer)
    return next(one for one in listed if one.native == native)
