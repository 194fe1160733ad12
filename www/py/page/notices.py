"""What must be known about the picture, in sentences below it; many are folded."""

from liqmap.language import count
from page.dom import fill, find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 3
"""More are folded."""


link: list[str] = []
market: list[str] = []


def of_link(notices: Iterable[str]) -> None:
    """Those that a link or a form has earned; of the market nothing is known yet."""
    link[:], market[:] = list(notices), []
    show()


def of_market(notices: Iterable[str]) -> None:
    """Those on the market, below those on the link."""
    market[:] = list(notices)
    show()


def show() -> None:
    """All of them; folded when they begin to be many, whatever is open later stays."""
    said = link + market
    box, summary = find("#notices-box"), find("#notices-box summary")
    fill(find("#notices"), "li", said)
    folded = len(said) > MOST
    if folded == summary.hidden:
        summary.hidden = not folded
        box.open = not folded
    summary.textContent = count(
        "{n} notice on this picture", "{n} notices on this picture", len(said)
    )
