"""The order book of a contract, as its venue shows it now."""

from __future__ import annotations

from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.errors import NoData
from liqmap.feed.client import Client


async def order_book(client: Client, instrument: Instrument) -> OrderBook:
    """Not read yet."""
    raise NoData(f"{client.adapter.title} was not asked for the book of {instrument.name}.")
