"""The table of the largest clusters: what the picture shows, in text."""

from page.dom import fill_table, find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages

SIDE, INTERVAL = 1, 3  # columns


def show(message: messages.Clusters) -> None:
    """A row for each; their intervals are not known yet."""
    find("#levels-unit").textContent = message.unit[0].upper() + message.unit[1:]
    fill_table("#levels", message.rows, SIDE)


def show_intervals(intervals: tuple[str, ...]) -> None:
    """P10–P90 of each row, in the table's order."""
    rows = find("#levels tbody").children
    for index, words in enumerate(intervals):
        rows[index].children[INTERVAL].textContent = words
