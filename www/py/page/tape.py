"""The liquidations that this browser keeps."""

from pyscript import window

from liqmap.language import say
from page import export
from page.dom import find
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Event

    from liqmap.session import messages


def show(message: messages.Tape) -> None:
    """How many, and whether there is anything to export or delete."""
    find("#tape").textContent = message.words
    for name in ("#tape-export", "#tape-delete"):
        find(name).disabled = not message.count


async def on_export(event: Event) -> None:
    """Save all of them as a file."""
    text = await call("tape_csv")
    if text:
        await export.save(text, "liqmap-liquidations.csv")


async def on_delete(event: Event) -> None:
    """Forget all of them."""
    if window.confirm(say("Delete all liquidations that this browser has kept?")):
        await call("tape_clear")
