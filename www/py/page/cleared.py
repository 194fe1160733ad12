"""What price has cleared since an instant; its marks stand on the picture while it is open."""

from page.dom import fill_table, find, liqmap
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Event

    from liqmap.session import desk_messages

slider = find("#cleared-since")


def show(message: desk_messages.Cleared) -> None:
    """Shares by distance, and the marks."""
    find("#cleared-words").textContent = message.since
    slider.setAttribute("aria-valuetext", message.since)
    fill_table("#cleared", message.rows)
    liqmap.fill(message)


def on_slide(event: Event) -> Coroutine[Any, Any, None]:
    """Ask since when the visitor wants to know."""
    return call("cleared_since", float(slider.value) / 100)
