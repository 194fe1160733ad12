"""Where the price stands, in a few cards above the picture, and how old that is."""

import time

from pyscript import document, ffi, window

from liqmap.language import mark, say
from page import embed
from page.dom import fill, find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyscript import Element, Event

    from liqmap.session import messages

LATE_BARS, OLD_BARS = 2, 5
"""From when on the age is a warning, and a fault."""
AGES = {
    "live": mark("live · {age} ago"),
    "late": mark("late · {age} ago"),
    "old": mark("old · {age} ago"),
    "read": mark("read · {age} ago"),
}

opener = find("#situation-open")


class Said:
    """The last message."""

    at_s = 0.0
    step_s = 0.0
    live = False
    as_of = ""


def show(message: messages.Situation) -> None:
    """A card each: title, headline, lines; the age begins anew."""
    box = find("#situation")
    cards(box, message.cards)
    box.hidden = opener.hidden = False
    heads = [say("{title}: {words}", title=card[0], words=card[1]) for card in message.cards]
    opener.textContent = "\n".join(heads[:2])
    Said.at_s, Said.step_s, Said.live = time.time(), message.step_ms / 1000, message.live
    tell_age()


def cards(box: Element, rows: Iterable[Iterable[str]]) -> None:
    """New cards in place of what is in the box: a line each text."""
    box.replaceChildren()
    for words in rows:
        card = document.createElement("div")
        fill(card, "p", words)
        box.append(card)


def on_open(event: Event) -> None:
    """A phone shows the heads of the first two cards; a tap shows or hides all of them."""
    opened = opener.getAttribute("aria-expanded") == "false"
    opener.setAttribute("aria-expanded", "true" if opened else "false")
    find("#situation").classList.toggle("open", opened)


def tell_age(*_: object) -> None:
    """`live · 12 s ago`, and whether that is late for its bars; or as of when it is."""
    age = find("#age")
    if Said.as_of:
        age.textContent = say("as of {instant}, not live", instant=Said.as_of)
        age.className = "then"
        return
    if not Said.live:
        age.textContent = ""
        return
    seconds = time.time() - Said.at_s
    late = "read" if embed.spares else "live"
    if seconds >= LATE_BARS * Said.step_s:
        late = "late" if seconds < OLD_BARS * Said.step_s else "old"
    age.textContent = say(AGES[late], age=in_words(seconds))
    age.className = late


def in_words(seconds: float) -> str:
    """`12 s`, `3 min`, `2 h`."""
    if seconds >= 3600:
        return say("{n} h", n=int(seconds // 3600))
    return say("{n} min", n=int(seconds // 60)) if seconds >= 60 else say("{n} s", n=int(seconds))


window.setInterval(ffi.create_proxy(tell_age), 1000)
