"""What asks for attention beside the list of alerts: a tone, a notification of the browser."""

from pyscript import ffi, window

from page.dom import find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from pyscript import Event

TONE_HZ, TONE_S = 880, 0.25
sounds: list[Any] = []  # the page's one AudioContext, once sound was asked for


async def may_notify() -> bool:
    """Whether notifications are allowed; asks, once."""
    if not hasattr(window, "Notification"):
        return False
    return str(await window.Notification.requestPermission()) == "granted"


def notify(sentence: str) -> bool:
    """Show a notification, if this browser does so for a page: a phone does not."""
    try:
        window.Notification.new("liqmap", ffi.to_js({"body": sentence, "icon": "icon.svg"}))
    except Exception:
        return False
    return True


def on_sound(event: Event) -> None:
    """The box is the gesture that a browser wants before it lets a page sound; it is heard once."""
    if not sounds:
        sounds.append(window.AudioContext.new())
    beep()


def beep() -> None:
    """A short tone, if that was asked for."""
    if not find("#alert-sound").checked:
        return
    tone = sounds[0].createOscillator()
    tone.frequency.value = TONE_HZ
    tone.connect(sounds[0].destination)
    tone.start()
    tone.stop(sounds[0].currentTime + TONE_S)
