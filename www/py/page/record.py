"""The public record of accuracy, where the site has one: what its claims were worth."""

from pyscript import window

from liqmap.language import say
from liqmap.words import number
from page.dom import find, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

asked: list[bool] = []


def on_desk(panel: str) -> None:
    """The site is asked once, and only by who wants to know."""
    if panel == "desk-score" and not asked:
        asked.append(True)
        start(show())


async def show() -> None:
    """Say what the record says, and lead to it."""
    site = await (await window.fetch("site.json")).json()
    record = getattr(site, "record", None)
    if record is not None:
        find("#record-words").textContent = words_of(record)
        find("#record").hidden = False


def words_of(record: Any) -> str:
    """A sentence; of too few days that it is too early."""
    if not record.days:
        return say(
            "Claims are made before each day and held against what happens in it; it is too early "
            "to say how right they are."
        )
    return say(
        "Over {days} days, claims made before the day ranked what was then liquidated by {own} "
        "(1 is perfect), the best rule without positions by {other}.",
        days=number(record.days),
        own=number(record.claims, 2),
        other=number(record.best_rule, 2),
    )
