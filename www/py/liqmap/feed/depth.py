"""The order book of a contract, as its venue shows it now."""

from __future__ import annotations

from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.feed.client import Client, Note


async def order_book(client: Client, instrument: Instrument, note: Note | None = None) -> OrderBook:
    """Ask the client's venue for the resting orders; nothing is kept.

    The book ends where the venue's answer ends: that says nothing of orders beyond.

    Parameters
    ----------
    client : Client
    instrument : Instrument
        One of the venue's.
    note : callable, optional
        Called with a sentence on levels that are left out.

    Raises
    ------
    LiqmapError
        `NotOffered` where the venue shows no book, `NoData` where it is empty, `BadResponse`
        where it is crossed or cannot be read, and what the client raises.
    """
    return await client.converse(client.adapter.order_book(instrument), note=note)
