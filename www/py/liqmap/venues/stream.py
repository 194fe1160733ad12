"""What a venue's file implements to be listened to: a `Stream` over WebSocket.

Messages come in, columns go out. No connection is opened here: `liqmap.feed.stream` does that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import BadResponse
from liqmap.language import say
from liqmap.venues import columns, parse, quantities, refusals


@dataclass(frozen=True, eq=False, slots=True)
class Message:
    """The content of a stream's message, as far as it concerns a contract.

    Attributes
    ----------
    liquidations : Liquidations
        Of the contract, often none.
    of_subscription : bool
        It acknowledges the subscription or belongs to it: the venue does send what was asked.
    left_out : int
        Rows that could not be read; 1 for a message of which nothing can be.
    answer : str
        What to send back; empty where the venue expects nothing.
    """

    liquidations: Liquidations = field(default_factory=lambda: Liquidations.joined([]))
    of_subscription: bool = False
    left_out: int = 0
    answer: str = ""


class Stream(ABC):
    """A venue's public WebSocket of liquidations.

    Attributes
    ----------
    venue, title : str
        Name in links and name for readers.
    url : str
        `wss://host/path`.
    completeness : str
        What share of the liquidations it shows, and at which price, as a sentence.
    contract_sizes : mapping of str to float
        Base coin in one contract, of the coins that the page can hear of without the venue's
        list of contracts; empty where it reads that list.
    ping : str
        Message to send every `ping_s` seconds; empty where the venue answers none.
    silence_s : float
        The longest silence of a connection that works: pings are answered, or the venue sends
        something of its own.
    """

    venue: str
    title: str
    url: str
    completeness: str
    contract_sizes: Mapping[str, float] = MappingProxyType({})
    ping: str = ""
    ping_s: float = 20.0
    silence_s: float = 60.0

    @property
    def origin(self) -> str:
        """Scheme, host and port of `url`."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def read(self, message: str, instrument: Instrument) -> Message:
        """Read a message about the contract; raises `Refused` where it rejects the subscription.

        What cannot be read is left out and counted, a row or a whole message.
        """
        with parse.reading(self.title, quantities.LIQUIDATIONS, instrument.native) as tally:
            try:
                return self._read(message, instrument, tally)
            except (*parse.FAULTS, BadResponse):
                return Message(left_out=max(1, tally.left_out))

    def _read(self, message: str, instrument: Instrument, tally: parse.Tally) -> Message:
        content = parse.json_object(message, self.title)
        said = self._rejection(content)
        if said is not None:
            raise refusals.refused(self.title, refusals.words_of(said) or say("without a reason"))
        table = self._table(content, instrument)
        found = columns.liquidations(
            [] if table is None else table, lambda row: self._liquidations(row, instrument)
        )
        return Message(found, table is not None, tally.left_out, self._answer(content))

    @abstractmethod
    def subscribe(self, instrument: Instrument) -> str:
        """The message that asks for the contract's liquidations."""

    @abstractmethod
    def _rejection(self, content: dict[str, Any]) -> object:
        """The venue's words where it rejects the subscription, else None."""

    @abstractmethod
    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        """The rows of a message of the subscription, none in its acknowledgement.

        None for any other message: a pong, a greeting, another contract's rows.
        """

    @abstractmethod
    def _liquidations(self, row: Any, instrument: Instrument) -> Iterable[columns.Row]:
        """The liquidations in a row; none of another trade, or another contract."""

    def _answer(self, content: dict[str, Any]) -> str:
        """The message to send back, where the venue expects one."""
        return ""
