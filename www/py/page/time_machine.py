"""The time machine: a slider over the picture's time, and what came after its instant."""

import asyncio
import time

from pyscript import document, ffi

from liqmap.language import say
from liqmap.words import clock, instant
from page import desk, form, situation
from page.dom import fill_table, find, liqmap, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Event, PlotEvent

    from liqmap.session import desk_messages

PAUSE_S = 0.2
slider, setting, here = find("#as-of"), find("[name=asof]"), find("#as-of-here")


class Then:
    """The instant that the panels are of, and the price then; empty and 0 of now."""

    as_of = ""
    minute = 0
    spot = 0.0
    first_minute = 0
    step_minutes = 1


class Going:
    """How the slider is used: it asks for one instant at a time, and then for the newest wish."""

    sliding = False
    asked = False
    wanted = -1


def watch() -> None:
    """Offer to go back to a time that is tapped on the picture."""
    liqmap.named("heat").on_event("tap", ffi.create_proxy(on_tap))


def show(message: desk_messages.TimeMachine) -> None:
    """The slider; as of when the other panels are; what came after."""
    Then.as_of, Then.minute, Then.spot = message.as_of, message.instant_minute, message.spot
    Then.first_minute, Then.step_minutes = message.first_minute, message.step_minutes
    liqmap.asOf(message)
    then = instant(message.instant_minute * 60000) if message.as_of else ""
    said = say(", as of {instant}", instant=then) if then else ""
    for place in document.querySelectorAll(".as-of"):
        place.textContent = said
    situation.Said.as_of = then
    situation.tell_age()
    find("#as-of-words").textContent = message.words
    find("#as-of-back").hidden = not message.as_of
    find("#after").hidden = not message.as_of
    here.hidden = True
    situation.cards(find("#after-cards"), message.cards)
    fill_table("#passed", message.rows)
    slider.max = message.steps
    slider.disabled = False
    Going.asked = False
    if Going.wanted >= 0:
        start(going())
    elif not Going.sliding:
        slider.value = step_of(message.instant_minute, message.steps)
        tell_instant()


def step_of(minute: int, steps: int) -> int:
    """The slider's place of an instant; of now, which is 0, its end."""
    return (minute - Then.first_minute) // Then.step_minutes if minute else steps


def minute_of(step: int) -> int:
    """The instant of the slider's place [minutes since 1970, UTC]."""
    return Then.first_minute + step * Then.step_minutes


def tell_instant() -> None:
    """The slider's instant, beside it and to screen readers."""
    minute = wish()
    words = instant(minute * 60000) if minute else say("now")
    find("#as-of-at").textContent = words
    slider.setAttribute("aria-valuetext", words)


def on_input(event: Event) -> None:
    """The slider moves, and the line on the picture with it."""
    Going.sliding = True
    liqmap.lineAt(wish())
    tell_instant()


def on_change(event: Event) -> Coroutine[Any, Any, None]:
    """The slider was let go, or moved by a key."""
    Going.sliding = False
    tell_instant()
    return go(wish())


def wish() -> int:
    """The slider's instant; 0 is now."""
    step = int(slider.value)
    return 0 if step >= int(slider.max) else minute_of(step)


def on_back(event: Event) -> Coroutine[Any, Any, None]:
    """To now."""
    slider.focus()
    slider.value = slider.max
    return go(0)


def on_tap(event: PlotEvent) -> None:
    """Offer the time of a column that has ended."""
    minute = liqmap.minuteAt(event)
    here.hidden = not minute
    if minute:
        here.value = str(minute)
        here.textContent = say("As of {time} ▸", time=clock(minute * 60000))


def on_here(event: Event) -> Coroutine[Any, Any, None]:
    """Go back to the time that was tapped, and open what came after it."""
    desk.show("desk-time")
    return go(int(here.value))


async def go(minute: int) -> None:
    """Wish for the view as of an instant; of 0, of now."""
    Going.wanted = minute
    await going()


async def going() -> None:
    """Ask for the newest wish, after a moment for keys that repeat; for one at a time."""
    if Going.asked:
        return
    Going.asked = True
    await asyncio.sleep(PAUSE_S)
    minute, Going.wanted = Going.wanted, -1
    if minute >= 0:
        words = say("Estimating what was known then…") if minute else ""
        find("#as-of-words").textContent = words
        at = time.gmtime(minute * 60)
        day = f"{at[0]:04d}-{at[1]:02d}-{at[2]:02d}"
        setting.value = f"{day}T{at[3]:02d}:{at[4]:02d}" if minute else ""
        form.View.touched = True
        await form.ask(form.query())
    Going.asked = False
    if Going.wanted >= 0:  # came meanwhile
        start(going())
