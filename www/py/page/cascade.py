"""The cascade: a scenario that is played while its tab is open, in words, steps and a curve."""

from pyscript import ffi, window

from liqmap.language import say
from page import desk
from page.cascade_curve import draw
from page.dom import fill, fill_table, find, start
from page.rows import fold
from page.situation import in_words
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Event

    from liqmap.session import desk_messages

PANEL = "desk-cascade"
field, slider = find("#cascade-shock"), find("#cascade-slide")


class Said:
    """The last message."""

    playing = False
    book_s = 0.0


async def play(anew: bool = False) -> None:
    """Ask the worker to play what is chosen."""
    Said.playing = True
    chosen = (find("#cascade-thin").checked, find("#cascade-bent").checked)
    await call("cascade", float(slider.value), *chosen, anew)


def number(typed: str) -> bool:
    """Whether it is one."""
    try:
        float(typed)
    except ValueError:
        return False
    return True


async def on_change(event: Event) -> None:
    """Another shock or option; what is no number goes back to what was."""
    if event.target.id == "cascade-shock" and number(field.value):
        slider.value = field.value  # which the slider keeps within its ends
    field.value = slider.value
    await play()


def on_input(event: Event) -> None:
    """The slider moves: the field follows."""
    if event.target.id == "cascade-slide":
        field.value = slider.value


async def on_anew(event: Event) -> None:
    """Read the order book again."""
    await play(True)


def on_desk(name: str) -> None:
    """Play while the tab is open."""
    if name == PANEL:
        start(play())
    elif Said.playing:
        Said.playing = False
        start(call("cascade_end"))


async def restore() -> None:
    """Play, if the tab was open before the worker was there."""
    if not find("#" + PANEL).hidden:
        await play()


def show(message: desk_messages.Cascade) -> None:
    """Sentences, steps, the curve, and what is supposed."""
    fill(find("#cascade-words"), "p", message.words)
    fill(find("#cascade-notes"), "li", message.notes)
    rows = list(message.steps)
    fill_table("#cascade-steps", rows)
    fold("#cascade-steps")
    find("#cascade-box").hidden = not rows
    Said.book_s = message.book_ms / 1000
    tell_age()
    curve = find("#cascade-curve")
    rates = list(message.shock_rates)
    curve.hidden = not rates
    if rates:
        draw(
            find("#cascade-plot"),
            rates,
            list(message.final_rates),
            list(message.low_rates),
            list(message.high_rates),
            (message.shock_rate, message.final_rate),
        )


def tell_age(*_: object) -> None:
    """How old the order book is."""
    find("#cascade-book").hidden = not Said.book_s
    if Said.book_s:
        seconds = max(window.Date.now() / 1000 - Said.book_s, 0)
        words = say("Order book read {age} ago.", age=in_words(seconds))
        find("#cascade-age").textContent = words


window.setInterval(ffi.create_proxy(tell_age), 1000)
desk.watchers.append(on_desk)
