"""The page's language, and the zone of its times: read from the link once, at the start."""

import json

from pyscript import window

from liqmap import language, words
from page.dom import find, liqmap

LANGUAGE, CLOCK = find("[name=lang]"), find("[name=clock]")


class Began:
    """With what the page began; another choice begins it anew."""

    language, clock = "auto", "utc"


def _chosen() -> tuple[str, str]:
    """What the form shows; what it does not know is the default."""
    return LANGUAGE.value or Began.language, CLOCK.value or Began.clock


async def begin() -> tuple[str, str, bool]:
    """Say everything in the visitor's language, once the form shows the link.

    Its tag, the forms of its numbers as `words.use` takes them, as JSON, and whether times are of
    the visitor's zone.
    """
    Began.language, Began.clock = _chosen()
    await liqmap.spoken
    forms, here = liqmap.forms(), Began.clock == "local"
    words.use(json.loads(forms) if forms else words.ENGLISH, here=here)
    if liqmap.language != "en":
        language.use(liqmap.look, liqmap.sayCount)
    return liqmap.language, forms, here


def follow() -> None:
    """Begin the page anew where the form shows another language or zone than it began with."""
    if _chosen() != (Began.language, Began.clock):
        window.location.reload()
