"""What is under the pointer, in words."""

from pyscript import ffi, window

from liqmap.language import mark, say
from liqmap.words import percent, usd
from page.dom import liqmap
from page.reading import on_leave, read_out, readout
from page.readout_beside import away, on_context, on_map, on_strip
from page.time_machine import Then
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import PlotEvent

    from liqmap.picture.heatmap import Image

AMOUNT_OF = {"long": mark("{amount} of longs"), "short": mark("{amount} of shorts")}
MORE, LESS = mark("{amount} more than {model}"), mark("{amount} less than {model}")
UNIT_OF = {"long": mark("{unit} of longs"), "short": mark("{unit} of shorts")}


def watch() -> None:
    """Follow the pointer, or a finger, over the charts."""
    readers = {"heat": on_heat, "other": on_other, "map": on_map, "strip": on_strip}
    readers["context"] = on_context
    for name, handler in readers.items():
        plot = liqmap.named(name)
        plot.on_event("mousemove", ffi.create_proxy(handler))
        plot.on_event("tap", ffi.create_proxy(handler))
        plot.on_event("mouseleave", ffi.create_proxy(on_leave))


def cell_at(event: PlotEvent, image: Image) -> tuple[int, int, float] | None:
    """Column, row and USD of an image's cell under an event; beside the image nothing is read."""
    liqmap.pointAt(event, True, True)
    column = liqmap.columnAt(event)
    row = int((event.y - image.y) / image.dh * image.rows)
    if 0 <= column < image.columns and 0 <= row < image.rows:
        return column, row, image.quote[row * image.columns + column]
    readout.hidden = True
    return None


def side_at(event: PlotEvent, close: float) -> str:
    """Shorts wait above the last price, longs below it."""
    return "short" if event.y > close else "long"


def on_heat(event: PlotEvent) -> None:
    """Say what is at a time and a price: USD, side, distance, what happened there."""
    picture = liqmap.picture
    if picture is None:
        return
    cell = cell_at(event, picture.image)
    if cell is None:
        return
    column, row, amount = cell
    price, distance = liqmap.priceWords(event.y), percent(away(event, picture), 2, signed=True)
    side = side_at(event, picture.closes[column])
    lines = [
        say(AMOUNT_OF[side], amount=usd(amount)),
        liqmap.instantAt(column),
        say(
            "{price}  ({distance} from {instant})",
            price=price,
            distance=distance,
            instant=Then.as_of,
        )
        if Then.as_of
        else say("{price}  ({distance} from now)", price=price, distance=distance),
    ]
    waits = amount > 0 and not picture.diverging
    if waits:
        lines.append(say("{unit}, estimated", unit=picture.unit))
        lines.append(liqmap.storyAt(column, row))
    elif window.isNaN(amount):
        lines[0] = say("no data")
    elif amount == 0:
        lines[0] = say("no difference") if picture.diverging else say("nothing waits here")
    else:
        more = (
            say("{amount} more than {model}") if amount > 0 else say("{amount} less than {model}")
        )
        lines[0] = more.format(amount=usd(abs(amount)), model=picture.versus)
        lines.append(say(UNIT_OF[side], unit=picture.unit))
    read_out(event, lines + list(liqmap.marksAt(event)), side if waits else "")


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
    lines = [
        say(AMOUNT_OF[side], amount=usd(amount)),
        liqmap.instantAt(column),
        liqmap.priceWords(event.y),
        say("by {model}", model=picture.versus),
    ]
    read_out(event, lines, side)
