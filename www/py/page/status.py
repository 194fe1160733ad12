"""What is happening, or what failed and what to do."""

from pyscript import window

from page import speech
from page.dom import find, liqmap, root, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages


said: list[messages.Status] = []  # the last one


def show(message: messages.Status) -> None:
    """Put the state on the page: its sentence, what is folded away below it, how far it is.

    While the last visit's picture stands for one that loads, the page is stale.
    """
    said[:] = [message]
    waits = message.state == "loading" and find("#last").className and not liqmap.picture
    root.dataset.state = "stale" if waits else message.state
    if message.state != "loading" and hasattr(window, "liqmapStart"):
        start(plan(message.state))
    tell(message.sentence, message.detail, message.retry)
    speech.status(message.state, message.sentence)
    find("#example").hidden = not message.example
    if message.total:
        find("#progress").value = message.done / message.total
    else:
        find("#progress").removeAttribute("value")


async def plan(state: str) -> None:
    """Have the next visit ask at once what this one asked first; nothing after a failure."""
    asked = "[]"
    if state == "ready" and liqmap.worker:
        try:
            asked = await liqmap.worker.plan()
        except Exception:
            return  # a worker that is gone is noticed elsewhere
    window.liqmapStart.plan(asked)


def end(sentence: str, detail: str) -> None:
    """The worker is gone."""
    root.dataset.state = "failed"
    tell(sentence, detail, True)
    speech.status("failed", sentence)


def again() -> None:
    """Show the last state again, after the end of the worker was told too early."""
    if said:
        show(said[0])


def tell(sentence: str, detail: str, retry: bool) -> None:
    """One sentence, what is folded away below it, and whether trying again may help."""
    find("#status").textContent = sentence
    find("#retry").hidden = not retry
    find("#details").hidden = not detail
    find("#details pre").textContent = detail
