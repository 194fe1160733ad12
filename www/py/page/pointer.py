"""What is under the pointer, in words."""

from pyscript import window

from page.elements import fill, find, liqmap

MYPY = False
if MYPY:
    from typing import Any


def usd(amount: Any) -> Any:
    """`$1.25M`."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if amount >= 0.9995 * size:
            part = amount / size
            digits = 2 if part < 9.995 else 1 if part < 99.95 else 0
            return "${:.{}f}{}".format(part, digits, letter)
    return f"${amount:.0f}"


def read_out(event: Any, lines: Any, side: Any = "") -> None:
    """Show lines beside the pointer, on the side of the picture where it is not."""
    readout = find("#readout")
    fill(readout, "div", lines)
    readout.firstChild.className = side
    readout.classList.toggle("right", event.sx < liqmap.named("heat").inner_width / 2)
    readout.hidden = False


def on_heat(event: Any) -> None:
    """Say what is at a time and a price: USD, side, distance, what happened there."""
    picture = liqmap.picture
    if picture is None:
        return
    image = picture.image
    column = liqmap.columnAt(event)
    row = int((event.y - image.y) / image.dh * image.rows)
    if not (0 <= column < image.columns and 0 <= row < image.rows):
        find("#readout").hidden = True
        return
    amount = image.quote[row * image.columns + column]
    distance = 100 * (event.y / picture.spot - 1)
    side = "shorts" if event.y > picture.closes[column] else "longs"
    lines = [
        usd(amount) + " of " + side,
        picture.times[column] + " UTC",
        liqmap.priceWords(event.y) + f"  ({distance:+.2f}% from now)",
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


def on_strip(event: Any) -> None:
    """Say what was liquidated at a time."""
    picture = liqmap.picture
    column = -1 if picture is None else liqmap.columnAt(event)
    if not 0 <= column < (picture.image.columns if picture else 0):
        return
    longs, shorts = list(liqmap.barsAt(event))
    words = f"{usd(longs)} long, {usd(shorts)} short liquidated"
    read_out(event, [words, picture.times[column] + " UTC", "seen, not estimated"])


def on_leave(event: Any) -> None:
    """The pointer left the picture; a finger always does, and what it read stays."""
    if window.matchMedia("(hover: hover)").matches:
        find("#readout").hidden = True


def on_elsewhere(event: Any) -> None:
    """A touch beside the picture."""
    if not event.target.closest("#picture"):
        find("#readout").hidden = True
