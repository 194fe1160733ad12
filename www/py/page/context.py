"""The strip below the picture: what else the venue tells of the same time."""

from pyscript import ffi, window

from liqmap.language import say
from page import side_charts
from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from liqmap.picture.context import Context

FIGURES = ("minimumFractionDigits", "maximumFractionDigits")


class Strip:
    """What its line is, and how its numbers are said."""

    caption = ""
    unit = ""
    digits: Any = None


def show(message: Context) -> None:
    """Draw its line, or say why there is none; nothing where it is not asked for."""
    axes: Any = message.axes
    figures: dict[str, Any] = dict.fromkeys(FIGURES, message.decimals)
    figures["signDisplay"] = "exceptZero" if message.signed else "auto"
    Strip.digits = window.Intl.NumberFormat.new(liqmap.locale, ffi.to_js(figures))
    Strip.caption, Strip.unit = message.caption, message.unit
    liqmap.fill(message)
    liqmap.named("context_caption").text = message.caption
    liqmap.named("context_axis").axis_label = message.unit
    level: Any = liqmap.named("context_level")
    level.location, level.visible = message.level, axes.context_axis.places.length > 0
    side_charts.show("context", message.visible)
    find("#picture").classList.toggle("context", message.visible)


def words(amount: float) -> str:
    """A number of the line with its unit."""
    if window.isNaN(amount):
        return say("no data")
    return f"{Strip.digits.format(amount)} {Strip.unit}".replace("-", "−").strip()
