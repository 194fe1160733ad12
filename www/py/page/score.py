"""How the estimate did against what happened."""

from page.dom import fill_table, find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages


def show(message: messages.Score) -> None:
    """The scorecard; greyed when it claims too much."""
    find("#score").hidden = False
    find("#score").classList.toggle("unproven", not (message.available and message.beats))
    find("#score-verdict").textContent = message.verdict
    find("#score-words").textContent = message.words
    fill_table("#scorecard", message.rows)
    find("#score-numbers").hidden = not message.available
