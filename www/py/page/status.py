"""What is happening, or what failed and what to do."""

from page.dom import find, root
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages


def show(message: messages.Status) -> None:
    """Put the state on the page: its sentence, what is folded away below it, how far it is."""
    root.dataset.state = message.state
    tell(message.sentence, message.detail, message.retry)
    if message.total:
        find("#progress").value = message.done / message.total
    else:
        find("#progress").removeAttribute("value")


def tell(sentence: str, detail: str, retry: bool) -> None:
    """One sentence, what is folded away below it, and whether trying again may help."""
    find("#status").textContent = sentence
    find("#retry").hidden = not retry
    find("#details").hidden = not detail
    find("#details pre").textContent = detail
