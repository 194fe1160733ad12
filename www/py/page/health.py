"""Which venues can be read from here."""

from page.dom import fill_table, find
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Event

    from liqmap.session import messages

STATE = 1  # column


def show(message: messages.Health) -> None:
    """A row for each venue: title, state, words."""
    fill_table("#health", [list(row)[1:] for row in message.rows], STATE, message.states)


async def on_ask(event: Event) -> None:
    """Ask every venue whether it can be read."""
    button = find("#health-ask")
    button.disabled = True
    await call("health")
    button.disabled = False
