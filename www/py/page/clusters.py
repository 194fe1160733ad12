"""The table of the largest clusters: what the picture shows, in text, sorted as wished."""

from pyscript import document

from liqmap.language import say
from liqmap.words import instant
from page import changes
from page.cluster import Chosen, choose, follow_link, mark
from page.dom import find, liqmap, start
from page.rows import fold
from page.time_machine import Then
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from pyscript import Element, Event

    from liqmap.session import messages

SIDE, INTERVAL = 1, 3  # columns
DOWN_FIRST = ("size", "age")
"""Sorted by these, the largest and the oldest come first."""


class Sorting:
    """By what the rows are sorted, and what of them came later."""

    name = "distance"
    descending = False
    intervals: tuple[str, ...] = ()


def show(message: messages.Clusters) -> None:
    """Rows as sorted last; their intervals are not known yet."""
    find("#levels-unit").textContent = message.unit
    find("#pain").textContent = message.pain
    if Chosen.message is None:
        find("#levels tbody").replaceChildren()  # rows of the last visit
    Chosen.message, Sorting.intervals = message, ()
    if liqmap.picture:
        at = instant((Then.minute or liqmap.newestMinute()) * 60000)
        find("#levels-at").textContent = say(", as of {instant}", instant=at)
        changes.tell(message, liqmap.picture.query + " " + Then.as_of)
    arrange(message)
    start(follow_link())


def show_intervals(intervals: tuple[str, ...]) -> None:
    """P10–P90 of the rows that wait, in the order of the message."""
    Sorting.intervals = intervals
    if Chosen.message:
        arrange(Chosen.message)


def arrange(message: messages.Clusters) -> None:
    """Put the rows in their order, those that wait first."""
    order = list(getattr(message.orders, Sorting.name))
    if Sorting.descending:
        order.reverse()
    rows = [list(words) for words in message.rows]
    for row, words in enumerate(Sorting.intervals):
        rows[row][INTERVAL] = words
    waiting = [row for row in order if row < message.waiting]
    swept = [row for row in order if row >= message.waiting]
    put(find("#levels tbody"), rows, message.sides, waiting)
    put(find("#levels-swept"), rows, message.sides, swept)
    mark(Chosen.row)
    fold("#levels")


def put(body: Element, rows: list[list[str]], sides: Sequence[str], order: list[int]) -> None:
    """Write rows into lines that are there, so that a focus stays; add and remove the others."""
    lines = list(body.children)
    for line in lines[len(order) :]:
        line.remove()
    for place, row in enumerate(order):
        words = rows[row]
        line = lines[place] if place < len(lines) else new_line(body, len(words))
        line.dataset.row = str(row)
        line.children[SIDE].className = sides[row]
        line.firstChild.firstChild.textContent = words[0]
        for index in range(1, len(words)):
            line.children[index].textContent = words[index]


def new_line(body: Element, cells: int) -> Element:
    """An empty row; its price is a button."""
    line = document.createElement("tr")
    for _ in range(cells):
        line.append(document.createElement("td"))
    button = document.createElement("button")
    button.type = "button"
    line.firstChild.append(button)
    body.append(line)
    return line


def on_click(event: Event) -> Coroutine[Any, Any, None] | None:
    """A header sorts, the same again the other way round; a row is chosen, or no more."""
    header, line = event.target.closest("th"), event.target.closest("[data-row]")
    if line:
        row = int(line.dataset.row)
        return choose(-1 if row == Chosen.row else row)
    button = event.target.closest("[data-sort]")
    if header and button and Chosen.message:
        name = button.dataset.sort
        same = name == Sorting.name
        Sorting.descending = not Sorting.descending if same else name in DOWN_FIRST
        Sorting.name = name
        find("#levels [aria-sort]").removeAttribute("aria-sort")
        header.setAttribute("aria-sort", "descending" if Sorting.descending else "ascending")
        arrange(Chosen.message)
    return None
