"""The pauses of a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from liqmap.feed.archive import SAVE_S
from liqmap.feed.client import PAUSES
from liqmap.feed.poller import POLL_S, SUM_POLL_S


@dataclass(frozen=True, slots=True)
class Timers:
    """Pauses; a served site may shorten them."""

    poll_s: float = POLL_S
    """Between two questions after the newest bar."""
    sum_poll_s: float = SUM_POLL_S
    """… of each venue of a sum."""
    soon_s: float = 1.0
    """Liquidations and other frequent events are gathered this long before they are shown."""
    save_s: float = SAVE_S
    """The tape is stored this long after something new, at most."""
    retry_s: float = PAUSES.retry_s
    """A request that failed is sent again this late."""
    patience_s: float = PAUSES.patience_s
    """A venue that wants a longer pause has failed."""

    @classmethod
    def of(cls, site: Mapping[str, Any]) -> Timers:
        """Those that the site file names, and the usual ones."""
        named = {one.name for one in fields(cls)}
        told = dict(site.get("timers", {}))
        return cls(**{name: float(told[name]) for name in named & told.keys()})

    def between(self, markets: int) -> float:
        """The pause between two questions after the newest bars of so many markets."""
        return self.poll_s if markets == 1 else self.sum_poll_s
