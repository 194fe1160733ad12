"""The worker: connects the session to the browser, and names what the page may call."""

import gettext
import io
import json
import random
from collections.abc import Iterable
from typing import Any

from liqmap import __version__, browser, language, simulation, words
from liqmap.analysis.cascade import EXPONENT, THINNED, Impact
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.picture.viewport import Window
from liqmap.session.board import BoardLoop
from liqmap.session.messages import Message, plain
from liqmap.session.panels.alerts import read_rules
from liqmap.session.session import Session
from liqmap.session.takeaway import file_of

__export__ = [
    *("speak", "ping", "early", "plan", "screen", "zoom", "show", "choose", "search", "again"),
    *("seen", "health", "file", "desk", "cleared_since", "spare"),
    *("tape_csv", "tape_clear", "forget", "accounts", "memory"),
    *("cluster", "position", "cascade", "cascade_end"),
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


async def speak(tag: str, forms: str, here: bool) -> None:
    """Speak the visitor's language, before anything is said.

    `forms` are those of `words.use`, as JSON, and empty in English; `here` writes times of the
    visitor's zone. A catalogue that does not come leaves what is said in English.
    """
    words.use(json.loads(forms) if forms else words.ENGLISH, here=here)
    content = await browser.own_file(f"languages/{tag}.mo") if tag != "en" else b""
    if content:
        said = gettext.GNUTranslations(io.BytesIO(content))
        language.use(said.gettext, said.ngettext)


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


async def spare() -> None:
    """Ask venues for what a picture needs, once, and for no more."""
    session.sparing = True


async def health() -> None:
    """Ask every venue whether this browser can read it."""
    await session.ask_all()


async def file(content: str, extension: str) -> list[str]:
    """Name and text of what the picture shows, as `csv` or `json`."""
    return list(file_of(session.state, content, extension, version=__version__))


async def desk(panel: str) -> None:
    """Which panel of the desk is open, by its name on the page; empty: none."""
    session.note(desk=panel)


async def cleared_since(part: float) -> None:
    """Say what was cleared since that part of the window had passed, 0 to 1."""
    session.note(cleared_part=min(max(part, 0.0), 1.0))


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


async def position(fields: str) -> None:
    """Take a position of the visitor's own: what stands in the fields of its form, as JSON."""
    await session.desk.position.take(json.loads(fields))


async def cascade(shock_percent: float, thinned: bool, bent: bool, anew: bool) -> None:
    """Play a shock: with a thinner book, with an impact that is no walk; `anew` reads the book."""
    impact = Impact(THINNED if thinned else 1.0, EXPONENT if bent else 1.0)
    await session.desk.scenarios.play(shock_percent / 100, impact, anew=anew)


async def cascade_end() -> None:
    """Play nothing any more."""
    session.desk.scenarios.stop()


async def cluster(position_side: int, price: float) -> None:
    """Say why a cluster is there; of side 0 no more."""
    await session.desk.selection.choose(position_side, price)


async def board_start(text: str) -> None:
    """Load the board of the picture's venue: its most traded contracts, or those of a text."""
    await board.start(session.state, text)


async def board_stop() -> None:
    """Ask for no more of it."""
    board.stop()


async def alerts(rules: str) -> None:
    """Watch for these from now on: a JSON list with `kind`, `amount` [USD], `rate`."""
    session.note(rules=read_rules(rules))


async def memory() -> int:
    """Bytes of this interpreter's heap, for those who watch it."""
    return browser.heap_bytes()
