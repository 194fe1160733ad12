"""The page's address, which opens the same view: its path and fragment stay."""

from pyscript import window

from page import embed


def show(query: str, *, leaving: bool) -> None:
    """Have the address say a view; “back” leads to the one before where that is left."""
    path, link = window.location.pathname, embed.kept(query)
    address = path + ("?" + link if link else "") + window.location.hash
    if address == path + window.location.search + window.location.hash:
        return
    if leaving and not embed.on:  # “back” of a frame belongs to the page around
        window.history.pushState(None, "", address)
    else:
        window.history.replaceState(None, "", address)
