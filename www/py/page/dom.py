"""Elements, tables, events and background tasks."""

import asyncio

from pyscript import document, ffi, window

from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from typing import Any

    from pyscript import Element, Event, EventTarget, KeyboardEvent

liqmap = window.liqmap  # what guard.js and the scripts of start/ and chart/ offer
narrow = liqmap.narrow
"""Whether the screen has room for one chart only."""
root = document.documentElement
tasks: list[asyncio.Task[None]] = []


def find(selector: str) -> Element:
    """The first element of a selector."""
    return document.querySelector(selector)


def show_theme(name: str) -> None:
    """Colours of the page, and of the browser's bars around it."""
    root.dataset.theme = name
    ground = window.getComputedStyle(root).getPropertyValue("--ground")
    find("meta[name=theme-color]").setAttribute("content", ground)


def typing(event: KeyboardEvent) -> bool:
    """Whether a key is meant for a field."""
    return event.target.tagName in ("INPUT", "TEXTAREA", "SELECT")


def fill(box: Element, tag: str, texts: Iterable[str]) -> None:
    """New elements of a tag in place of what is in the box."""
    box.replaceChildren()
    for text in texts:
        item = document.createElement(tag)
        item.textContent = text
        box.append(item)


def fill_table(
    selector: str,
    rows: Iterable[Sequence[str]],
    class_column: int = 0,
    classes: Sequence[str] | None = None,
) -> None:
    """Rows of words; the cell of `class_column` has the class of its row, if there are any."""
    body = find(selector + " tbody")
    body.replaceChildren()
    for place, words in enumerate(rows):
        row = document.createElement("tr")
        fill(row, "td", words)
        if classes is not None:
            row.children[class_column].className = classes[place]
        body.append(row)


def start(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine; keeps a reference, as asyncio asks."""
    tasks.append(asyncio.create_task(work))
    del tasks[:-8]


def listen(
    target: EventTarget, name: str, handler: Callable[[Any], Coroutine[Any, Any, None] | None]
) -> None:
    """Call `handler` on an event, and run the coroutine that it may return."""

    def heard(event: Event) -> None:
        work = handler(event)
        if work is not None:
            start(work)

    target.addEventListener(name, ffi.create_proxy(heard))
