"""What is under the pointer beside and below the heatmap, in words."""

from liqmap.language import mark, say
from liqmap.words import percent, usd
from page import context
from page.dom import liqmap
from page.reading import read_out
from page.time_machine import Then
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import PlotEvent

    from liqmap.picture.heatmap import Heatmap

WAY_TO = {
    "long": mark("down to {price}, {distance}: {total} of longs"),
    "short": mark("up to {price}, {distance}: {total} of shorts"),
}


def away(event: PlotEvent, picture: Heatmap) -> float:
    """How far the event's price is from the newest one, or the one of then."""
    return event.y / (Then.spot or picture.spot) - 1


def on_map(event: PlotEvent) -> None:
    """Say what would be liquidated on the way from the price to this one, now or then."""
    picture = liqmap.picture
    if picture is None:
        return
    liqmap.pointAt(event, True, False)
    distance = away(event, picture)
    side = "short" if distance > 0 else "long"
    words = say(
        WAY_TO[side],
        price=liqmap.priceWords(event.y),
        distance=percent(distance, 1, signed=True),
        total=usd(liqmap.sumAt(event)),
    )
    when = (
        say("{unit}, estimated, as of {instant}", unit=picture.unit, instant=Then.as_of)
        if Then.as_of
        else say("{unit}, estimated, now", unit=picture.unit)
    )
    read_out(event, [words, when], side)


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
    words = say("{long} long, {short} short liquidated", long=usd(longs), short=usd(shorts))
    read_out(event, [words, liqmap.instantAt(column), say("seen, not estimated")])


def on_context(event: PlotEvent) -> None:
    """Say what the strip's line is at a time."""
    assert liqmap.picture is not None  # it comes before its strip
    liqmap.pointAt(event, False, True)
    words, column = context.words(liqmap.contextAt(event)), liqmap.columnAt(event)
    if 0 <= column < liqmap.picture.image.columns:
        read_out(event, [words, liqmap.instantAt(column), context.Strip.caption])
