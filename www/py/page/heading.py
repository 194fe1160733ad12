"""The title of the picture, and what must be known about it."""

from pyscript import document

from page import notices
from page.dom import find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages


def show(message: messages.Heading) -> None:
    """Title of picture and page; notices on the link, then those on the market."""
    find("#title").textContent = message.title
    document.title = message.title + " · liqmap"
    notices.of_market(message.notices)
