"""What all stand-ins share: a request in, a reply out, no connection."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import numpy as np

from tools.replay.contract import Contract, listed
from tools.replay.market_file import MarketFile, Times
from tools.replay.trades import Trades

FOREVER_MS = 1 << 62
Params = Mapping[str, str]
Endpoint = Callable[[Params, int], Any]
"""A query's parameters and the venue's time [ms] in, JSON out; raises `Refusal`."""


class Refusal(Exception):
    """The venue's error to a request.

    Parameters
    ----------
    code : int or str
        In the venue's own numbering.
    words : str
        What the venue says.
    status : int, optional
        Of HTTP, where it is not what this venue always gives.
    """

    def __init__(self, code: int | str, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.status = status


class Series(list[Any]):
    """Rows of a history or book, or one column: what a faulty venue gives out of order or twice."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `content` is JSON, or bytes as they are."""

    content: Any
    status: int = 200

    @property
    def kind(self) -> str:
        """Its Content-Type."""
        return "text/html" if isinstance(self.content, bytes) else "application/json"

    @property
    def body(self) -> bytes:
        """As it goes over the wire."""
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content, separators=(",", ":")).encode()

    def rearranged(self, order: Callable[[int], list[int]]) -> Answer:
        """The same with the rows `order(length)` of every history; columns stay aligned."""
        return Answer(_rearranged(self.content, order), self.status)


class Venue(ABC):
    """One venue's public REST market endpoints.

    Attributes
    ----------
    name : str
        As in `liqmap.feed.directory.registry`.
    allowed, per_seconds : int, float
        Requests it lets one address make; `allowed_of` names endpoints, by the end of their
        path, that are counted for themselves, and how many each allows.
    limited, forbidden : Answer
        What it says to who asks too much, and to who may not ask at all.
    in_browser : bool
        Whether a page of another origin may read it.

    Parameters
    ----------
    market : MarketFile
        What the venue remembers of bitcoin; see `listed`.
    contracts : sequence of Contract, optional
        What it lists; `listed(market)` by default.
    """

    name: ClassVar[str]
    allowed: ClassVar[int] = 600
    per_seconds: ClassVar[float] = 5.0
    allowed_of: ClassVar[Mapping[str, int]] = {}
    limited: ClassVar[Answer] = Answer(b"", 429)
    forbidden: ClassVar[Answer] = Answer(b"<html><body>Forbidden</body></html>", 403)
    in_browser: ClassVar[bool] = True

    def __init__(self, market: MarketFile, contracts: Sequence[Contract] = ()) -> None:
        self.market = market
        self.contracts = {self.symbol(one): one for one in contracts or listed(market)}
        self.trades = {name: Trades(one) for name, one in self.contracts.items()}

    @staticmethod
    @abstractmethod
    def symbol(contract: Contract) -> str:
        """The venue's own name of a contract."""

    @abstractmethod
    def endpoints(self) -> Mapping[str, Endpoint]:
        """What stands at each path."""

    @abstractmethod
    def accepted(self, content: Any, now_ms: int) -> Answer:
        """In the venue's envelope."""

    @abstractmethod
    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        """The same for an error."""

    def contract(self, name: str | None, unknown: Refusal) -> Contract:
        """The contract of this name; there are no others."""
        if name not in self.contracts:
            raise unknown
        return self.contracts[name]

    def answer(self, method: str, address: str, body: bytes, now_ms: int) -> Answer | None:
        """The answer to a path with its query, or None where nothing stands."""
        parts = urlsplit(address)
        endpoint = self.endpoints().get(parts.path) if method == "GET" else None
        if endpoint is None:
            return None
        try:
            return self.accepted(endpoint(dict(parse_qsl(parts.query)), now_ms), now_ms)
        except Refusal as refusal:
            return self.refused(refusal, now_ms)


def limit(params: Params, default: int, largest: int, code: int | str) -> int:
    """How many rows are asked for, from 1 to `largest`."""
    text = params.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= largest:
        raise Refusal(code, f"params error: limit must be in [1, {largest}]")
    return int(text)


def moment(params: Params, name: str, default: int, code: int | str) -> int:
    """A time [ms] among the parameters."""
    if name not in params:
        return default
    if not params[name].isdecimal():
        raise Refusal(code, f"params error: {name} is invalid")
    return int(params[name])


def interval(
    params: Params, name: str, known: Mapping[str, int], market: MarketFile, code: int | str
) -> int:
    """Length of the bars that are asked for [ms]."""
    interval_ms = known.get(params.get(name, ""))
    if interval_ms is None:
        raise Refusal(code, f"params error: {name} is invalid")
    if interval_ms % market.step_ms:
        raise Refusal(code, f"params error: {name} is finer than this replay's {market.step_ms} ms")
    return interval_ms


def within(times: Times, first_ms: int, last_ms: int) -> list[int]:
    """Rows of [first_ms, last_ms], oldest first."""
    return [int(i) for i in np.flatnonzero((times >= first_ms) & (times <= last_ms))]


def text(number: float) -> str:
    """A number as venues write it: decimal, no exponent, no zeros at the end."""
    return str(np.format_float_positional(number, precision=8, trim="-"))


def _rearranged(content: Any, order: Callable[[int], list[int]]) -> Any:
    if isinstance(content, Series):
        return [content[i] for i in order(len(content))]
    if isinstance(content, dict):
        return {key: _rearranged(value, order) for key, value in content.items()}
    if isinstance(content, list):
        return [_rearranged(value, order) for value in content]
    return content
