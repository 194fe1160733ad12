"""The history: levels and what came after, and how the liquidation chart is read."""

from page import liquidation_chart
from page.dom import fill_table, find, liqmap, narrow
from page.rows import fold
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Event

    from liqmap.session import desk_messages

KEY = "liqmap-history"


def show(message: desk_messages.Levels) -> None:
    """Lines on the picture, a table; rows that are no different from controls are grey."""
    liqmap.fill(message)
    find("#history-words").textContent = message.words
    rows = list(message.rows)
    find("#history").hidden = not rows
    fill_table("#history", rows)
    fold("#history")
    lines = find("#history tbody").children
    for at, proven in enumerate(message.proven):
        lines[at].classList.toggle("grey", not proven)


def restore() -> None:
    """Choose what was chosen when this browser was here last."""
    kept = liqmap.kept(KEY).split()
    if len(kept) == 3:
        find("#history-lines").checked = kept[0] == "on"
        find("#marks-from").value, find("#bars-in").value = kept[1:]
    apply()


def on_change(event: Event) -> None:
    """Keep a choice in this browser, and follow it."""
    lines = "on" if find("#history-lines").checked else "off"
    liqmap.keep(KEY, " ".join((lines, find("#marks-from").value, find("#bars-in").value)))
    apply()


def apply() -> None:
    """Show the picture as it was chosen."""
    lines = find("#history-lines").checked
    liqmap.named("level_lines_marks").visible = lines
    liqmap.named("level_lines_words").visible = lines and not narrow.matches  # the table says them
    liquidation_chart.read_as(float(find("#marks-from").value), find("#bars-in").value)
