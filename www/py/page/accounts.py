"""Real positions of accounts, and the addresses that a visitor adds."""

from liqmap.language import say
from page.dom import find, liqmap
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Event

    from liqmap.picture.account_lines import AccountLines

KEY = "liqmap-addresses"


def show(message: AccountLines) -> None:
    """Lines on the picture, and a sentence about them."""
    liqmap.fill(message)
    find("#real-words").textContent = message.words


async def restore() -> None:
    """Tell the worker the addresses that an earlier visit kept."""
    addresses = liqmap.kept(KEY)
    if addresses:
        await call("accounts", addresses)


def show_kept() -> None:
    """Put the kept addresses into their field."""
    find("#addresses").value = liqmap.kept(KEY)


async def on_use(event: Event) -> None:
    """Keep the addresses here, never in the link, and show what they hold."""
    text = find("#addresses").value
    if not liqmap.keep(KEY, text):
        words = say("This browser keeps nothing: type them again next time.")
        find("#real-words").textContent = words
    await call("accounts", text)
