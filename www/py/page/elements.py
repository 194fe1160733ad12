"""What all parts of the page use: its elements, its events, and coroutines in the background."""

import asyncio

from pyscript import document, ffi, window

MYPY = False
if MYPY:
    from typing import Any

liqmap = window.liqmap  # what boot.js offers; `worker` is None until Python is there
root = document.documentElement
tasks: list[Any] = []


def find(selector: Any) -> Any:
    """The first element of a selector."""
    return document.querySelector(selector)


def fill(box: Any, tag: Any, texts: Any) -> None:
    """New elements of a tag in place of what is in the box."""
    box.replaceChildren()
    for text in texts:
        item = document.createElement(tag)
        item.textContent = text
        box.append(item)


def fill_table(selector: Any, rows: Any, mark: Any = None) -> None:
    """Rows of words; those of the column `mark` are classes, too."""
    body = find(selector + " tbody")
    body.replaceChildren()
    for words in rows:
        row = document.createElement("tr")
        fill(row, "td", words)
        if mark is not None:
            row.children[mark].className = words[mark]
        body.append(row)


def start(work: Any) -> None:
    """Run a coroutine; keeps a reference, as asyncio asks."""
    tasks.append(asyncio.create_task(work))
    del tasks[:-8]


def listen(target: Any, name: Any, handler: Any) -> None:
    """Call `handler` on an event, and run the coroutine that it may return."""

    def heard(event: Any) -> None:
        work = handler(event)
        if work is not None:
            start(work)

    target.addEventListener(name, ffi.create_proxy(heard))
