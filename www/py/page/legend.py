"""The legend: the colours, and two handles that say where they begin and where they end."""

from pyscript import document

from liqmap.words import amount, usd
from page import form
from page.dom import fill, find, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Element, Event

    from liqmap.picture.heatmap import Heatmap

floor, ceiling = find("[name=floor]"), find("[name=ceiling]")
boxes = {"legend-low": floor, "legend-high": ceiling}
"""Where each handle's amount is said, and may be typed."""
EVERY = 8  # which of the palette's colours the gradient has


class Repainting:
    """A moved handle asks for one picture at a time."""

    amounts: Any = None
    again = False


def show(message: Heatmap) -> None:
    """Colours and amounts of a picture; if a handle has moved on since, ask for the next."""
    colors = message.colors
    shades = ",".join(colors.palette.split(",")[::EVERY])
    find("#color-bar").style.background = "linear-gradient(to right, " + shades + ")"
    find("#color-bar").classList.toggle("diverging", message.diverging)
    ticks = find("#color-ticks")
    fill(ticks, "span", colors.labels)
    for index, place in enumerate(colors.ticks):
        ticks.children[index].style.left = f"{100 * place}%"
    Repainting.amounts = colors.percentiles_quote
    say()
    form.View.repainting = Repainting.again
    if Repainting.again:
        Repainting.again = False
        start(form.ask(form.query()))


def say() -> None:
    """The amount of each handle, beside it and to screen readers."""
    for name, handle in boxes.items():
        words = usd(Repainting.amounts[int(handle.value)])
        handle.setAttribute("aria-valuetext", words)
        box = find("#" + name)
        if document.activeElement != box:
            box.value = words


def on_input(event: Event) -> Coroutine[Any, Any, None] | None:
    """A handle moves: repaint, one picture after the other."""
    handle = event.target
    if handle.type != "range" or Repainting.amounts is None:
        return None
    part(handle)
    say()
    if form.View.repainting:
        Repainting.again = True
        return None
    form.View.touched = form.View.repainting = True
    return form.ask(form.query())


def part(moved: Element) -> None:
    """The handle that moved stays on its side of the other."""
    if int(floor.value) >= int(ceiling.value):
        moved.value = int(ceiling.value) - 1 if moved == floor else int(floor.value) + 1


def on_change(event: Event) -> Coroutine[Any, Any, None] | None:
    """A handle was let go, an amount typed, or a palette chosen."""
    handle = boxes.get(event.target.id)
    if handle is not None:
        event.target.blur()
        try:
            handle.value = percent(event.target.value)
        except ValueError:
            say()
            return None
        part(handle)
        say()
    form.View.repainting = Repainting.again = False
    return form.on_change(event)


def percent(words: str) -> int:
    """Where the bar is nearest to the amount that somebody typed; or `20%` itself."""
    words = words.strip()
    if words.endswith("%"):
        return round(float(words[:-1]))
    wanted = amount(words)
    return min(range(101), key=lambda at: abs(Repainting.amounts[at] - wanted))
