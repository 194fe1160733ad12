"""What changed with a new bar, for screen readers: the nearest cluster, and what was swept."""

from liqmap.language import mark, say
from page import speech
from page.dom import liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liqmap.session import messages

PRICE, DISTANCE = 0, 4
"""Columns of the table of clusters."""
AT = {"long": mark("longs at {price}"), "short": mark("shorts at {price}")}


class Known:
    """What was known before."""

    view = ""  # of which
    minute = 0
    nearest = ""
    swept: Sequence[str] = ()


def tell(message: messages.Clusters, view: str) -> None:
    """Once a bar, where it is the same view: what was swept, and which cluster is nearest now."""
    minute = liqmap.newestMinute()
    prices = [words[PRICE] for words in message.rows]
    names = [say(AT[message.sides[row]], price=price) for row, price in enumerate(prices)]
    away = [words[DISTANCE] for words in message.rows]
    waits = [row for row in message.orders["distance"] if row < message.waiting]
    nearest, swept = names[waits[0]] if waits else "", names[message.waiting :]
    if view == Known.view and minute != Known.minute and speech.Said.state == "ready":
        new = [say("Swept: {cluster}.", cluster=one) for one in swept if one not in Known.swept]
        if waits and nearest != Known.nearest:
            distance = away[waits[0]]
            new.append(
                say("Nearest now: {cluster}, {distance}.", cluster=nearest, distance=distance)
            )
        if new:
            speech.tell(" ".join(new))
    Known.view, Known.minute, Known.nearest, Known.swept = view, minute, nearest, swept
