"""The worker's life: calls that always end in something, and a watch that notices its death."""

import asyncio

from pyscript import document

from liqmap.language import say
from page import status
from page.dom import liqmap, listen, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from pyscript import Event, EventTarget, Worker

PING_EVERY_S = 5.0
PATIENCE_S = 14
"""A worker that computes answers nothing meanwhile; longer than this is no computing."""


class Life:
    """Whether the worker is alive, as far as is known."""

    ended = False
    why = ""


def follow(xworker: EventTarget) -> None:
    """Hear of the errors of the thread itself."""
    for name in ("error", "messageerror"):
        listen(xworker, name, on_error)


async def on_error(event: Event) -> None:
    """The thread has failed: is it still there?"""
    why = getattr(event, "message", say("The thread sent what cannot be read."))
    if liqmap.worker or Life.ended:  # before, guard.js says it
        await look(why)


async def call(name: str, *given: Any) -> Any:
    """Call a function of the worker; None while there is no worker, and where it fails.

    A failure is told, and so is that the worker is no longer there.
    """
    if Life.ended:
        tell_ended()
    if not liqmap.worker:
        return None
    try:
        return await getattr(liqmap.worker, name)(*given)
    except Exception as error:
        if await look(str(error)):
            sentence = say("liqmap has a fault. Try again; if it stays, report it.")
            status.tell(sentence, str(error), True)
        return None


async def watch() -> None:
    """Ask for a sign of life as long as there is one, while the page is visible."""
    while not Life.ended:
        await asyncio.sleep(PING_EVERY_S)
        if not document.hidden:
            await look(say("It gave no sign of life."))


async def look(why: str) -> bool:
    """Whether the worker lives; when not, the page says so."""
    worker = liqmap.worker
    if not worker:
        return False
    heard: list[str] = []
    start(ask(worker, heard))
    for _second in range(PATIENCE_S):  # so that a computer that slept does not count as silence
        if heard:
            break
        await asyncio.sleep(1)
    if heard == ["alive"]:
        return True
    Life.ended, Life.why = True, why
    liqmap.worker = None  # so that “Try again” starts the page anew
    tell_ended()
    return False


async def ask(worker: Worker, heard: list[str]) -> None:
    """Note the answer to a ping; one that comes too late brings the worker back."""
    try:
        await worker.ping()
    except Exception:
        heard.append("failed")
        return
    heard.append("alive")
    if Life.ended and liqmap.worker is None:
        Life.ended = False
        liqmap.worker = worker
        status.again()
        start(watch())


def tell_ended() -> None:
    """Say that the worker has stopped, and how to start it anew."""
    status.end(
        say(
            "Python has stopped: nothing new comes, and the picture stays as it is. "
            "Try again to start it anew with the same view."
        ),
        Life.why,
    )
