"""What the buttons do: share, export, delete, ask every venue, keep addresses."""

import asyncio

from pyscript import window

from page.elements import find, liqmap

MYPY = False
if MYPY:
    from typing import Any

ADDRESSES = "liqmap-addresses"


async def share(event: Any) -> None:
    """Copy the link of this view."""
    button = find("#share")
    try:
        await window.navigator.clipboard.writeText(window.location.href)
        button.textContent = "Copied"
    except Exception:
        window.prompt("Copy the link of this view", window.location.href)
    await asyncio.sleep(2)
    button.textContent = "Share"


def file_name(extension: Any) -> Any:
    """A name for an export."""
    title = find("#title").textContent
    return "liqmap-" + title.split(" ")[0] + "." + extension


async def export_png(event: Any) -> None:
    """Save the picture."""
    liqmap.save(await liqmap.png(), file_name("png"))


async def export_csv(event: Any) -> None:
    """Save the last column."""
    if liqmap.worker and liqmap.picture:
        liqmap.save(await liqmap.worker.csv(), file_name("csv"))


async def export_tape(event: Any) -> None:
    """Save every liquidation that was seen here."""
    liqmap.save(await liqmap.worker.tape_csv(), "liqmap-liquidations.csv")


async def delete_tape(event: Any) -> None:
    """Forget every liquidation that was seen here."""
    if window.confirm("Delete all liquidations that this browser has kept?"):
        await liqmap.worker.tape_clear()


async def check_venues(event: Any) -> None:
    """Ask every venue whether it can be read."""
    button = find("#health-ask")
    button.disabled = True
    try:
        await liqmap.worker.health()
    finally:
        button.disabled = False


async def use_addresses(event: Any) -> None:
    """Keep the addresses here, never in the link, and show what they hold."""
    text = find("#addresses").value
    try:
        window.localStorage.setItem(ADDRESSES, text)
    except Exception:
        find("#real-words").textContent = "This browser keeps nothing: type them again next time."
    if liqmap.worker:
        await liqmap.worker.accounts(text)


def kept_addresses() -> Any:
    """Addresses kept before, where the browser allows."""
    try:
        return window.localStorage.getItem(ADDRESSES) or ""
    except Exception:
        return ""
