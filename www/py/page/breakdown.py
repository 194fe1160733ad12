"""What each venue adds to a sum."""

from page.dom import fill_table, find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages


def show(message: messages.Breakdown) -> None:
    """A row for each venue; a single venue needs no table."""
    rows = list(message.rows)
    fill_table("#breakdown", rows)
    find("#breakdown-box").hidden = not rows
