"""The worker: connects the session to the browser, and names what the page may call."""

import json
import random
from collections.abc import Iterable
from typing import Any

from liqmap import browser, simulation
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.picture.viewport import Window
from liqmap.session.board import BoardLoop
from liqmap.session.messages import Message, plain
from liqmap.session.session import Session

__export__ = [
    *("ping", "early", "plan", "screen", "zoom", "show", "choose", "search", "again", "seen"),
    *("health", "csv", "tape_csv", "tape_clear", "forget", "accounts", "memory"),
    *("board_start", "board_stop", "alerts"),
]


def simulate() -> tuple[Market, Liquidations]:
    """The market of `venue=demo`, and its liquidations."""
    made = simulation.simulate()
    return made.market, made.liquidations


def post(message: Message) -> None:
    """Hand a message to the page."""
    browser.post(plain(message))


store = browser.Store()
random.seed()  # an image of a started Python has the same numbers in each visit
session = Session(
    browser.send,
    post,
    simulate=simulate,
    connect=browser.connect,
    store=store,
)
board = BoardLoop(session.directory, post)


async def ping() -> bool:
    """Whether this file ran to its end: PyScript calls a broken worker ready, too."""
    if not session.opened:
        await session.open(await browser.site())
    return True


async def early(answers: Iterable[Any]) -> None:
    """Take answers of exchanges that the document has fetched meanwhile."""
    browser.take_early(answers)


async def plan() -> str:
    """The first requests to the venue on screen, as JSON; none of a sum or a simulation."""
    loaded = session.state.loaded
    venues = [] if loaded is None or loaded.simulated else list(loaded.markets)
    return json.dumps(session.directory.first_asked(venues[0]) if len(venues) == 1 else [])


async def show(query: str) -> None:
    """Show the view of a query string; the newest wins."""
    await session.show(query)


async def choose(typed: str, query: str) -> None:
    """Show the view of a query string with the contract that the visitor typed."""
    await session.choose(typed, query)


async def search(text: str) -> None:
    """Say which contracts of all venues the text may mean."""
    await session.search.find(text)


async def again(query: str) -> None:
    """Show it with fresh data."""
    await session.again(query)


async def screen(width_px: float, height_px: float, system_light: bool) -> None:
    """Inner size of the plot [CSS px], and whether the system asks for light colours."""
    session.screen(width_px, height_px, system_light=system_light)


async def zoom(window: str) -> None:
    """The visitor's window: begin and end [ms], lowest and highest price, as JSON; or `null`."""
    ends = json.loads(window)
    session.zoom(None if ends is None else Window(*map(float, ends)))


async def seen(visible: bool) -> None:
    """Whether anybody looks at the page."""
    session.seen(visible=visible)


async def health() -> None:
    """Ask every venue whether this browser can read it."""
    await session.ask_all()


async def csv() -> str:
    """The picture on screen as text."""
    return session.csv()


async def tape_csv() -> str:
    """Every liquidation that this browser keeps, as text."""
    return session.recorder.tape.csv()


async def tape_clear() -> None:
    """Forget them."""
    await session.recorder.clear()


async def forget() -> None:
    """Forget all that was kept, and keep nothing any more."""
    store.closed = True
    await session.recorder.clear()


async def accounts(text: str) -> None:
    """Take accounts whose real positions the visitor wants to see."""
    session.accounts.choose(text)


async def board_start(text: str) -> None:
    """Load the board of the picture's venue: its most traded contracts, or those of a text."""
    await board.start(session.state, text)


async def board_stop() -> None:
    """Ask for no more of it."""
    board.stop()


async def alerts(rules: str) -> None:
    """Watch for these from now on: a JSON list with `kind`, `amount` [USD], `rate`."""
    session.watch(rules)


async def memory() -> int:
    """Bytes of this interpreter's heap, for those who watch it."""
    return browser.heap_bytes()
