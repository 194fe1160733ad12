"""The liquidations that this browser keeps."""

from pyscript import window

from page import export
from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

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
    if liqmap.worker:
        await export.save(await liqmap.worker.tape_csv(), "liqmap-liquidations.csv")


async def on_delete(event: Event) -> None:
    """Forget all of them."""
    if liqmap.worker and window.confirm("Delete all liquidations that this browser has kept?"):
        await liqmap.worker.tape_clear()
