"""What changed with a new bar, for screen readers: the nearest cluster, and what was swept."""

from page import speech
from page.dom import liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liqmap.session import messages

PRICE, SIDE, DISTANCE = 0, 1, 4
"""Columns of the table of clusters."""


class Known:
    """What was known before."""

    view = ""  # of which
    minute = 0
    nearest = ""
    swept: Sequence[str] = ()


def tell(message: messages.Clusters, view: str) -> None:
    """Once a bar, where it is the same view: what was swept, and which cluster is nearest now."""
    minute = liqmap.newestMinute()
    names = [words[SIDE] + "s at " + words[PRICE] for words in message.rows]
    away = [words[DISTANCE] for words in message.rows]
    waits = [row for row in message.orders["distance"] if row < message.waiting]
    nearest, swept = names[waits[0]] if waits else "", names[message.waiting :]
    if view == Known.view and minute != Known.minute and speech.Said.state == "ready":
        new = ["Swept: " + one + "." for one in swept if one not in Known.swept]
        if waits and nearest != Known.nearest:
            new.append("Nearest now: " + nearest + ", " + away[waits[0]] + ".")
        if new:
            speech.tell(" ".join(new))
    Known.view, Known.minute, Known.nearest, Known.swept = view, minute, nearest, swept
