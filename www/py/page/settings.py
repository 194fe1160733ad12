"""The settings: below the form on a desk, on a phone a sheet under the picture that they change."""

from pyscript import document, ffi, window

from page.dom import find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Event, KeyboardEvent

box = find("#settings")


def is_sheet() -> bool:
    """Whether they are open over the page."""
    return box.open and window.getComputedStyle(find(".settings")).position == "fixed"


def on_toggle(event: Event) -> None:
    """Bring the picture above the sheet into sight."""
    if is_sheet():
        find("#picture").scrollIntoView(ffi.to_js({"block": "start"}))


def on_close(event: Event) -> None:
    """Fold them, back to where they were opened."""
    box.open = False
    box.firstElementChild.focus()


def on_key(event: KeyboardEvent) -> None:
    """Escape closes the sheet, and nothing below it."""
    if event.key == "Escape" and is_sheet() and not document.querySelector("dialog[open]"):
        event.stopImmediatePropagation()
        on_close(event)
