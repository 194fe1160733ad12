"""The worker: where the rooms meet. It owns the view; the page shows what it says."""

from liqmap import browser
from liqmap import simulation as demo
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.session.session import Desk

__export__ = [
    *("ping", "show", "again", "seen", "health"),
    *("csv", "tape_csv", "tape_clear", "accounts", "memory"),
]


def simulate() -> tuple[Market, Liquidations]:
    """What is shown when no venue can be read."""
    made = demo.simulate()
    return made.market, made.liquidations


desk = Desk(
    browser.send,
    browser.post,
    simulate=simulate,
    connect=browser.connect,
    store=browser.Store(),
)


async def ping() -> bool:
    """Whether this file ran to its end: PyScript calls a broken worker ready, too."""
    if not desk.opened:
        await desk.open(await browser.site())
    return True


async def show(query: str) -> None:
    """Draw the view of a query string; the newest wins."""
    await desk.show(query)


async def again(query: str) -> None:
    """The same, with fresh data."""
    await desk.again(query)


async def seen(visible: bool) -> None:
    """Whether anybody looks at the page."""
    desk.seen(visible=visible)


async def health() -> None:
    """Ask every venue whether this browser can read it."""
    await desk.ask_all()


async def csv() -> str:
    """The picture on screen as text."""
    return desk.csv()


async def tape_csv() -> str:
    """Every liquidation that this browser keeps, as text."""
    return desk.recorder.tape.csv()


async def tape_clear() -> None:
    """Forget them."""
    await desk.recorder.clear()


async def accounts(text: str) -> None:
    """Accounts whose real positions the visitor wants to see."""
    desk.accounts.choose(text)


async def memory() -> int:
    """Bytes of this interpreter's heap, for those who watch it."""
    return browser.heap_bytes()
