"""The worker: where the rooms meet. It owns the view; the page shows what it says."""

from liqmap import demo
from liqmap.browser import heap_bytes, post, send, site
from liqmap.desk import Desk
from liqmap.market import Market

__export__ = ["ping", "show", "again", "csv", "memory"]


def simulate() -> Market:
    """What is shown when no venue can be read."""
    return demo.simulate().market


desk = Desk(send, post, simulate=simulate)


async def ping() -> bool:
    """Whether this file ran to its end: PyScript calls a broken worker ready, too."""
    if desk.origins is None:
        desk.origins = (await site())["origins"]
    return True


async def show(query: str) -> None:
    """Draw the view of a query string; the newest wins."""
    await desk.show(query)


async def again(query: str) -> None:
    """The same, with fresh data."""
    desk.forget()
    await desk.show(query)


async def csv() -> str:
    """The picture on screen as text."""
    return desk.csv()


async def memory() -> int:
    """Bytes of this interpreter's heap, for those who watch it."""
    return heap_bytes()
