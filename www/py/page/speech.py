"""What screen readers are told: what is read, three sentences of loading, and what changed since.

Two live regions: one for the reading, one for everything that comes by itself.
"""

from pyscript import ffi, window

from liqmap.language import say
from page.dom import find

REST_MS = 500


class Said:
    """What was told last."""

    reading = ""
    timer = 0
    state = ""
    drawn = False


def read(words: str) -> None:
    """Say it after a moment without another; the last one wins."""
    Said.reading = words
    window.clearTimeout(Said.timer)
    Said.timer = window.setTimeout(on_rest, REST_MS)


def say_reading() -> None:
    """The crosshair rests."""
    find("#said-reading").textContent = Said.reading


on_rest = ffi.create_proxy(say_reading)


def tell(sentence: str) -> None:
    """Say a sentence that came by itself."""
    find("#said-state").textContent = sentence


def status(state: str, sentence: str) -> None:
    """The first sentence of loading, and what it came to; not the steps, nor the same again."""
    if state != Said.state or state == "failed":
        tell(sentence)
    if state == "loading" and Said.state != "loading":
        Said.drawn = False
    Said.state = state


def picture() -> None:
    """A picture was painted while there is more to come."""
    if Said.state == "loading" and not Said.drawn:
        tell(say("The first picture is here."))
    Said.drawn = True
