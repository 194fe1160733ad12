"""What is under the pointer, in words."""

from pyscript import ffi, window

from liqmap.words import usd
from page import context, embed
from page.dom import fill, find, liqmap, narrow
from page.time_machine import Then
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyscript import Event, PlotEvent

    from liqmap.picture.heatmap import Image


def watch() -> None:
    """Follow the pointer, or a finger, over the charts."""
    readers = {"heat": on_heat, "other": on_other, "map": on_map, "strip": on_strip}
    readers["context"] = on_context
    for name, handler in readers.items():
        plot = liqmap.named(name)
        plot.on_event("mousemove", ffi.create_proxy(handler))
        plot.on_event("tap", ffi.create_proxy(handler))
        plot.on_event("mouseleave", ffi.create_proxy(on_leave))


def read_out(event: PlotEvent, lines: Iterable[str], side: str = "") -> None:
    """Show lines beside the pointer, where it is not: on the other side of the picture."""
    readout = find("#readout")
    fill(readout, "div", lines)
    readout.firstChild.className = side
    heat = liqmap.named("heat")
    readout.classList.toggle("right", event.sx < heat.inner_width / 2)
    readout.classList.toggle("low", event.sy < heat.inner_height / 2)
    readout.hidden = False
    if narrow.matches and not embed.on:  # below the picture
        readout.scrollIntoView(ffi.to_js({"block": "nearest"}))


def cell_at(event: PlotEvent, image: Image) -> tuple[int, int, float] | None:
    """Column, row and USD of an image's cell under an event; beside the image nothing is read."""
    liqmap.pointAt(event, True, True)
    column = liqmap.columnAt(event)
    row = int((event.y - image.y) / image.dh * image.rows)
    if 0 <= column < image.columns and 0 <= row < image.rows:
        return column, row, image.quote[row * image.columns + column]
    find("#readout").hidden = True
    return None


def side_at(event: PlotEvent, close: float) -> str:
    """Shorts wait above the last price, longs below it."""
    return "shorts" if event.y > close else "longs"


def on_heat(event: PlotEvent) -> None:
    """Say what is at a time and a price: USD, side, distance, what happened there."""
    picture = liqmap.picture
    if picture is None:
        return
    cell = cell_at(event, picture.image)
    if cell is None:
        return
    column, row, amount = cell
    distance = 100 * (event.y / (Then.spot or picture.spot) - 1)
    side = side_at(event, picture.closes[column])
    lines = [
        usd(amount) + " of " + side,
        liqmap.timeAt(column) + " UTC",
        liqmap.priceWords(event.y) + f"  ({distance:+.2f}% from {Then.as_of or 'now'})",
    ]
    waits = amount > 0 and not picture.diverging
    if waits:
        lines.append(picture.unit + ", estimated")
        lines.append(liqmap.storyAt(column, row))
    elif window.isNaN(amount):
        lines[0] = "no data"
    elif amount == 0:
        lines[0] = "no difference" if picture.diverging else "nothing waits here"
    else:
        more = " more than " if amount > 0 else " less than "
        lines[0] = usd(abs(amount)) + more + picture.versus
        lines.append(picture.unit + " of " + side)
    read_out(event, lines + list(liqmap.marksAt(event)), side[:-1] if waits else "")


def on_other(event: PlotEvent) -> None:
    """Say what the model that is compared with has at a time and a price."""
    picture = liqmap.picture
    if picture is None or picture.other_image is None:
        return
    cell = cell_at(event, picture.other_image)
    if cell is None:
        return
    column, _, amount = cell
    side = side_at(event, picture.closes[column])
    words = usd(amount) + " of " + side
    time, price = liqmap.timeAt(column) + " UTC", liqmap.priceWords(event.y)
    read_out(event, [words, time, price, "by " + picture.versus], side[:-1])


def on_map(event: PlotEvent) -> None:
    """Say what would be liquidated on the way from the price to this one, now or then."""
    picture = liqmap.picture
    if picture is None:
        return
    liqmap.pointAt(event, True, False)
    distance = 100 * (event.y / (Then.spot or picture.spot) - 1)
    side, way = ("shorts", "up") if distance > 0 else ("longs", "down")
    price = liqmap.priceWords(event.y)
    total = usd(liqmap.sumAt(event))
    words = f"{way} to {price}, {distance:+.1f}%: {total} of {side}".replace("-", "−")
    when = "as of " + Then.as_of if Then.as_of else "now"
    read_out(event, [words, picture.unit + ", estimated, " + when], side[:-1])


def on_strip(event: PlotEvent) -> None:
    """Say what was liquidated at a time."""
    picture = liqmap.picture
    if picture is None:
        return
    liqmap.pointAt(event, False, True)
    column = liqmap.columnAt(event)
    if not 0 <= column < picture.image.columns:
        return
    longs, shorts = list(liqmap.barsAt(event))
    words = f"{usd(longs)} long, {usd(shorts)} short liquidated"
    read_out(event, [words, liqmap.timeAt(column) + " UTC", "seen, not estimated"])


def on_context(event: PlotEvent) -> None:
    """Say what the strip's line is at a time."""
    assert liqmap.picture is not None  # it comes before its strip
    liqmap.pointAt(event, False, True)
    words, column = context.words(liqmap.contextAt(event)), liqmap.columnAt(event)
    if 0 <= column < liqmap.picture.image.columns:
        read_out(event, [words, liqmap.timeAt(column) + " UTC", context.Strip.caption])


def on_leave(event: PlotEvent) -> None:
    """The pointer left the picture; a finger always does, and what it read stays."""
    if window.matchMedia("(hover: hover)").matches:
        hide()


def on_elsewhere(event: Event) -> None:
    """A touch beside the picture."""
    if not event.target.closest("#picture"):
        hide()


def hide() -> None:
    """Nothing is pointed at."""
    find("#readout").hidden = True
    liqmap.pointAt(None, False, False)
