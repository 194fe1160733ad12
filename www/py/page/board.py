"""The board: a table of many contracts, to sort and to filter, whose rows open their maps."""

import math
import time

from pyscript import document, ffi, window

from liqmap.language import say
from page import form
from page.dom import fill, find
from page.rows import fold
from page.situation import in_words
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Element, Event

    from liqmap.session import desk_messages

LISTED, NEAREST_FIRST = -1, (1, 3)  # places in a row's numbers; -1: the most traded first
table = find("#board")
field = find("#board-filter")
button = find("#board-load")
all_rows: list[desk_messages.BoardRow] = []
read_s: list[tuple[Element, float]] = []  # the cell of each row's age, and when it was read


class Order:
    """How the rows stand."""

    by = LISTED
    rising = False


class Loading:
    """Whether more rows are on their way."""

    now = False


def show(message: desk_messages.Board) -> None:
    """The rows so far."""
    all_rows[:] = list(message.rows)
    Loading.now = message.running
    find("#board-words").textContent = message.words
    button.textContent = say("Stop") if message.running else say("Load the board")
    draw()


def draw() -> None:
    """The rows that the filter leaves, in the order that was chosen."""
    sought = field.value.strip().upper()
    body = find("#board tbody")
    body.replaceChildren()
    read_s.clear()
    for row in ordered([row for row in all_rows if sought in row.name.upper()]):
        body.append(line(row))
    fold("#board")
    table.hidden = not all_rows
    for head in document.querySelectorAll("#board thead button"):
        chosen = int(head.value) == Order.by != LISTED
        head.className = ("rising" if Order.rising else "falling") if chosen else ""
        head.setAttribute("aria-pressed", "true" if chosen else "false")
    tell_ages()


def ordered(rows: list[desk_messages.BoardRow]) -> list[desk_messages.BoardRow]:
    """By the chosen number; those without it come last."""
    if Order.by == LISTED:
        return rows
    numbers = [(list(row.numbers) or [math.nan] * 6)[Order.by] for row in rows]
    known = [index for index, number in enumerate(numbers) if not math.isnan(number)]
    known.sort(key=lambda index: numbers[index], reverse=not Order.rising)
    return [rows[index] for index in known + [i for i in range(len(rows)) if i not in known]]


def line(row: desk_messages.BoardRow) -> Element:
    """A table row; its button opens the map."""
    made = document.createElement("tr")
    made.dataset.value = row.opens
    words = list(row.cells)
    price, words[0] = words[0], ""
    words.append("" if len(words) > 1 else price)
    fill(made, "td", words)
    cells = made.children
    fill(cells[0], "button", [row.name])
    if len(words) > 2:
        below = document.createElement("span")
        below.textContent = price
        cells[0].append(below)
        cells[1].className, cells[2].className = "short", "long"
        read_s.append((cells[len(words) - 1], row.at_s))
    else:  # the sentence why there is nothing
        cells[1].className = "failed"
        cells[1].setAttribute("colspan", "5")
    return made


def tell_ages(*_: object) -> None:
    """How long ago each row was read."""
    for cell, at_s in read_s:
        cell.textContent = in_words(max(0.0, time.time() - at_s))


def on_load(event: Event) -> Coroutine[Any, Any, None]:
    """Load it anew, or stop loading."""
    return call("board_stop") if Loading.now else call("board_start", field.value)


def on_filter(event: Event) -> None:
    """Fewer rows, or more."""
    draw()


def on_click(event: Event) -> Coroutine[Any, Any, None] | None:
    """A head sorts, and a second time the other way round; a row opens its map."""
    head = event.target.closest("thead button")
    if head:
        by = int(head.value)
        Order.rising = not Order.rising if by == Order.by else by in NEAREST_FIRST
        Order.by = by
        draw()
        return None
    opened = event.target.closest("tbody tr")
    return form.choose(opened.dataset.value) if opened else None


window.setInterval(ffi.create_proxy(tell_ages), 1000)
