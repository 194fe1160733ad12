"""What a visitor takes away: the link, the picture, the last column."""

import asyncio

from pyscript import document, window

from page.dom import find, liqmap
from page.time_machine import Then
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Blob, Event

REVOKE_S = 10.0
"""A download has begun by then."""


async def save(content: str | Blob, name: str) -> None:
    """Hand a file to the visitor."""
    link = document.createElement("a")
    link.href = window.URL.createObjectURL(window.Blob.new(window.Array.of(content)))
    link.download = name
    link.click()
    await asyncio.sleep(REVOKE_S)
    window.URL.revokeObjectURL(link.href)


def file_name(extension: str) -> str:
    """`liqmap-BTC-USDT-PERP.csv`, `liqmap-SIMULATED-USDT-PERP-2026-03-12T1400.csv`"""
    asof = "-" + find("[name=asof]").value.replace(":", "") if Then.as_of else ""
    return "liqmap-" + find("#title").textContent.split(" ")[0] + asof + "." + extension


async def on_share(event: Event) -> None:
    """Copy the link of this view."""
    button = find("#share")
    try:
        await window.navigator.clipboard.writeText(window.location.href)
        button.textContent = "Copied"
    except Exception:
        window.prompt("Copy the link of this view", window.location.href)
    await asyncio.sleep(2)
    button.textContent = "Share"


async def on_png(event: Event) -> None:
    """Save the picture."""
    if liqmap.picture:
        await save(await liqmap.png(), file_name("png"))


async def on_csv(event: Event) -> None:
    """Save the last column."""
    text = await call("csv")
    if text:
        await save(text, file_name("csv"))
