"""What a venue sends over its public WebSocket: text in, text out, no connection."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from tools.replay.contract import Contract, Liquidation


class Heard(NamedTuple):
    """What a message from a visitor leads to: something said back, and a topic to hear of."""

    reply: str = ""
    topic: str = ""


class Feed(ABC):
    """One venue's stream of liquidations.

    Attributes
    ----------
    name : str
        As in `liqmap.feed.directory.registry`.
    path : str
        Of the stream's address, with its slash.
    hello : str
        What the venue says first, if anything.
    """

    name: ClassVar[str]
    path: ClassVar[str]
    hello: ClassVar[str] = ""

    @abstractmethod
    def topic(self, contract: Contract) -> str:
        """The topic of this contract's liquidations."""

    @abstractmethod
    def hear(self, message: str, now_ms: int) -> Heard:
        """Answer a subscription or a ping; what is not understood is refused."""

    @abstractmethod
    def refusal(self, message: str, now_ms: int) -> str:
        """How the venue refuses a subscription."""

    @abstractmethod
    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        """Messages about liquidations, for whoever asked for the topic."""


def written(content: Any) -> str:
    """JSON as venues write it."""
    return json.dumps(content, separators=(",", ":"))


def read(message: str) -> dict[str, Any]:
    """A JSON object; anything else is an empty one."""
    try:
        content = json.loads(message)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
