"""The view: the form and the address bar mirror it by name, the worker understands it."""

from pyscript import document, window

from page.elements import find, liqmap, root

MYPY = False
if MYPY:
    from typing import Any

form = find("#view")
names: list[str] = []  # every contract of the venue, the most traded first
view: dict[str, Any] = {"query": window.location.search, "touched": False}


def asked() -> Any:
    """The view that a visitor wants before the worker has said anything."""
    return form_query() if view["touched"] else window.location.search[1:]


def form_query() -> Any:
    """The form as a query string."""
    return window.URLSearchParams.new(window.FormData.new(form)).toString()


def mirror(controls: Any) -> None:
    """Put values into the controls of those names; pairs of JavaScript's."""
    values = {str(pair[0]): str(pair[1]) for pair in controls}
    for name, value in values.items():
        for control in document.querySelectorAll("#view [name='" + name + "']"):
            if control.type == "radio":
                control.checked = control.value == value
            elif control.type == "checkbox":
                control.checked = control.value in value.split("-")
            elif document.activeElement != control or control.type != "text":
                control.value = value
    if "theme" in values:
        root.dataset.theme = values["theme"]
    find("#real").hidden = values.get("accounts", "off") != "on"


def mirror_address() -> None:
    """Put what the address bar asks for into the form."""
    mirror(window.Array["from"](window.URLSearchParams.new(window.location.search).entries()))


def on_view(message: Any) -> None:
    """The view as the worker understood it."""
    view["query"] = query = message.query
    path = window.location.pathname
    window.history.replaceState(None, "", path + ("?" + query if query else ""))
    mirror(window.Object.entries(message.controls))


def on_instruments(message: Any) -> None:
    """Names for the symbol picker, with what is traded a day."""
    names[:] = list(message.names)
    labels = list(getattr(message, "labels", []))
    options = find("#symbols")
    options.replaceChildren()
    for index, name in enumerate(names):
        option = document.createElement("option")
        option.value = name
        if index < len(labels):
            option.label = labels[index]
        options.append(option)


def contract(text: Any) -> Any:
    """The contract that someone means: by name, by coin, or by a part; the most traded."""
    wanted = text.strip().upper()
    if not wanted or wanted in names:
        return wanted
    tests = (
        lambda coin, name: coin == wanted,
        lambda coin, name: coin.lstrip("K0123456789") == wanted,
        lambda coin, name: coin.startswith(wanted),
        lambda coin, name: wanted in name.upper(),
    )
    for fits in tests:
        for name in names:
            if fits(name.split("-")[0].upper(), name):
                return name
    return text.strip()


async def show(query: Any) -> None:
    """Ask the worker for a view."""
    if liqmap.worker:
        await liqmap.worker.show(query)


def on_change(event: Any) -> Any:
    """A control was used; of a symbol, a part is enough, and a phone's keyboard goes."""
    if getattr(event.target, "name", "") == "symbol":
        form.symbol.value = contract(form.symbol.value or form.symbol.placeholder)
        form.symbol.blur()
    view["touched"] = True
    return show(form_query())


def on_reset(event: Any) -> Any:
    """Back to the default view."""
    event.preventDefault()
    return show("")


def on_submit(event: Any) -> None:
    """Enter in a text field: its change has been seen."""
    event.preventDefault()


def on_popstate(event: Any) -> Any:
    """Back and forth in the history."""
    return show(window.location.search)


async def on_retry(event: Any) -> None:
    """Ask again, with fresh data."""
    if liqmap.worker:
        await liqmap.worker.again(view["query"])
    else:
        window.location.reload()


def on_symbol_focus(event: Any) -> None:
    """An empty field offers every contract; what was there is kept until another is chosen."""
    event.target.placeholder = event.target.value
    event.target.value = ""


def on_symbol_blur(event: Any) -> None:
    """Nothing was chosen."""
    if not event.target.value.strip():
        event.target.value = event.target.placeholder
