"""The search over all venues' contracts: opened by a button, `/`, Ctrl K or ⌘ K."""

from pyscript import document, ffi

from liqmap.language import say
from page import form
from page.dom import find, liqmap, typing
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Element, Event, KeyboardEvent

    from liqmap.session import messages

box = find("#search")
field = find("#search input")
found = find("#search [role=listbox]")
words = find("#search p")


class Search:
    """How the search is being used."""

    moved = False  # whether somebody went to an option since he typed


def show(message: messages.Found) -> None:
    """An option for each contract; an answer to what was typed before is passed over."""
    if message.text != field.value:
        return
    chosen = marked()
    kept = chosen.dataset.value if chosen and Search.moved else ""
    found.replaceChildren()
    for index, row in enumerate(message.rows):
        option = document.createElement("li")
        option.id = f"found-{index}"
        option.setAttribute("role", "option")
        option.dataset.value = row[0]
        for text in list(row)[1:]:
            cell = document.createElement("span")
            cell.textContent = text
            option.append(cell)
        found.append(option)
    words.textContent = message.words
    options = list(found.children)
    same = [option for option in options if option.dataset.value == kept]
    if options:
        mark((same or options)[0])


def marked() -> Element | None:
    """The option that Enter would open."""
    return find("#search [aria-selected=true]")


def mark(option: Element) -> None:
    """Make it that one."""
    before = marked()
    if before:
        before.removeAttribute("aria-selected")
    option.setAttribute("aria-selected", "true")
    option.scrollIntoView(ffi.to_js({"block": "nearest"}))
    field.setAttribute("aria-activedescendant", option.id)


def on_open(event: Event) -> Coroutine[Any, Any, None] | None:
    """Open it, with what was typed last to be typed over."""
    if box.open:
        return None
    Search.moved = False
    box.showModal()
    field.select()
    return ask()


def on_key(event: KeyboardEvent) -> Coroutine[Any, Any, None] | None:
    """Open it, unless somebody types into a field."""
    wanted = event.key in ("k", "K") if event.ctrlKey or event.metaKey else event.key == "/"
    if not wanted or event.altKey or (event.key == "/" and typing(event)):
        return None
    event.preventDefault()
    return on_open(event)


async def ask() -> None:
    """Ask for what is typed."""
    if not liqmap.worker:
        words.textContent = say("Python is still on its way: a moment.")
    await call("search", field.value)


def on_type(event: Event) -> Coroutine[Any, Any, None]:
    """Another letter."""
    Search.moved = False
    return ask()


def on_move(event: KeyboardEvent) -> Coroutine[Any, Any, None] | None:
    """Up and down through the contracts; Enter opens one."""
    option = marked()
    if option is None or event.isComposing:
        return None
    if event.key in ("ArrowDown", "ArrowUp"):
        event.preventDefault()
        down = event.key == "ArrowDown"
        beside = option.nextElementSibling if down else option.previousElementSibling
        if beside:
            Search.moved = True
            mark(beside)
    elif event.key == "Enter":
        event.preventDefault()
        return choose(option)
    return None


def on_click(event: Event) -> Coroutine[Any, Any, None] | None:
    """A contract opens it; the ground around closes the search."""
    option = event.target.closest("[role=option]")
    if option:
        return choose(option)
    if event.target.id == "search":
        box.close()
    return None


def choose(option: Element) -> Coroutine[Any, Any, None]:
    """Open a contract, at its venue."""
    box.close()
    return form.choose(option.dataset.value)
