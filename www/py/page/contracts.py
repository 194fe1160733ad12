"""The contracts that the symbol field offers."""

from pyscript import document

from page.dom import find
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liqmap.session import messages


def show(message: messages.Contracts) -> None:
    """An option for each, with what is traded a day."""
    options = find("#symbols")
    options.replaceChildren()
    for index, name in enumerate(message.names):
        option = document.createElement("option")
        option.value = name
        option.label = message.labels[index]
        options.append(option)
