"""The page: mirrors query string and controls by name, shows what the worker says.

Runs in MicroPython. Knows no rule about settings: the worker's `View` does.
"""

import asyncio

from pyscript import document, ffi, window, workers

MYPY = False
if MYPY:
    from typing import Any

form = document.querySelector("#view")
root = document.documentElement
shown: dict[str, Any] = {
    "picture": None,
    "worker": None,
    "query": window.location.search,
}
tasks: list[Any] = []


def start(work: Any) -> None:
    """Run a coroutine; keeps a reference, as asyncio asks."""
    tasks.append(asyncio.create_task(work))
    del tasks[:-8]


def find(selector: Any) -> Any:
    """The first element of a selector."""
    return document.querySelector(selector)


def state(name: Any) -> None:
    """Put the state where style sheet and tests read it."""
    root.dataset.state = name


def form_query() -> Any:
    """The form as a query string."""
    return window.URLSearchParams.new(window.FormData.new(form)).toString()


def mirror(controls: Any) -> None:
    """Put values into the controls of those names."""
    for name, value in controls.items():
        for control in document.querySelectorAll("#view [name='" + name + "']"):
            if control.type == "radio":
                control.checked = control.value == value
            elif control.type == "checkbox":
                control.checked = control.value in value.split("-")
            elif document.activeElement != control or control.type != "text":
                control.value = value
    if "theme" in controls:
        root.dataset.theme = controls["theme"]


def entries(value: Any) -> Any:
    """A JavaScript object of strings as a dictionary."""
    return {str(pair[0]): str(pair[1]) for pair in window.Object.entries(value)}


def address(query: Any) -> None:
    """Show a view in the address bar."""
    window.history.replaceState(None, "", window.location.pathname + ("?" + query if query else ""))


def texts(selector: Any, sentences: Any) -> None:
    """Fill a list with sentences."""
    box = find(selector)
    box.replaceChildren()
    for sentence in sentences:
        item = document.createElement("li")
        item.textContent = sentence
        box.append(item)


def on_boot(message: Any) -> None:
    """How far the interpreter is."""
    if hasattr(message, "failed"):
        state("failed")
        find("#status").textContent = (
            "Python could not start: " + message.failed + ". Reload the page to try again."
        )
        return
    if hasattr(message, "restored"):
        root.dataset.restored = ""
    elif root.dataset.state == "booting":
        done, total = message.loaded / 1e6, message.total / 1e6
        find("#progress").value = min(1, done / total)
        find("#status").textContent = f"Loading Python: {min(done, total):.1f} of {total:.1f} MB"


def on_view(message: Any) -> None:
    """The view as the worker understood it."""
    shown["query"] = message.query
    address(message.query)
    mirror(entries(message.controls))
    shown["notices"] = list(message.notices)
    texts("#notices", shown["notices"])


def on_status(message: Any) -> None:
    """What is happening, or what failed."""
    if hasattr(message, "state"):
        state(message.state)
        find("#status").textContent = message.status
        find("#retry").hidden = not hasattr(message, "retry")
        find("#details").hidden = not getattr(message, "detail", "")
        find("#details pre").textContent = getattr(message, "detail", "")
        total = getattr(message, "total", 0)
        if total:
            find("#progress").value = message.done / total
        else:
            find("#progress").removeAttribute("value")


def on_instruments(message: Any) -> None:
    """Names for the symbol picker."""
    options = find("#symbols")
    options.replaceChildren()
    for name in message.names:
        option = document.createElement("option")
        option.value = name
        options.append(option)


def on_picture(message: Any) -> None:
    """A picture, its table and its words."""
    window.liqmap.paint(message)
    shown["picture"] = message
    find("#title").textContent = message.title
    document.title = message.title + " · liqmap"
    find("#long-total").textContent = message.long_total
    find("#short-total").textContent = message.short_total
    texts("#notices", shown.get("notices", []) + list(message.market_notices))
    body = find("#levels tbody")
    body.replaceChildren()
    for level in message.levels:
        row = document.createElement("tr")
        for index, words in enumerate(level):
            cell = document.createElement("td")
            cell.textContent = words
            if index == 1:
                cell.className = words
            row.append(cell)
        body.append(row)
    on_status(message)


handlers = {
    "boot": on_boot,
    "view": on_view,
    "status": on_status,
    "instruments": on_instruments,
    "picture": on_picture,
}


def on_message(event: Any) -> None:
    """Whatever the worker says."""
    message = event.data
    kind = getattr(message, "kind", None)
    if kind in handlers:
        handlers[kind](message)


async def show(query: Any) -> None:
    """Ask the worker for a view."""
    await shown["worker"].show(query)


async def again(query: Any) -> None:
    """The same, with fresh data."""
    await shown["worker"].again(query)


def on_change(event: Any) -> None:
    """A control was used."""
    if shown["worker"]:
        start(show(form_query()))
    else:
        shown["touched"] = True


def on_reset(event: Any) -> None:
    """Back to the default view."""
    event.preventDefault()
    if shown["worker"]:
        start(show(""))


def on_submit(event: Any) -> None:
    """Enter in a text field."""
    event.preventDefault()
    on_change(event)


def on_popstate(event: Any) -> None:
    """Back and forth in the history."""
    if shown["worker"]:
        start(show(window.location.search))


def on_retry(event: Any) -> None:
    """Ask again, with fresh data."""
    if shown["worker"]:
        start(again(shown["query"]))
    else:
        window.location.reload()


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
    window.liqmap.save(await window.liqmap.png(), file_name("png"))


async def export_csv(event: Any) -> None:
    """Save the last column."""
    if shown["worker"] and shown["picture"]:
        window.liqmap.save(await shown["worker"].csv(), file_name("csv"))


def price_words(price: Any, decimals: Any) -> Any:
    """`78,706.8`."""
    whole, _, part = "{:.{}f}".format(price, decimals).partition(".")
    groups: list[str] = []
    while len(whole) > 3:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    groups.insert(0, whole)
    return ",".join(groups) + ("." + part if part else "")


def usd(amount: Any) -> Any:
    """`$1.25M`."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if amount >= size:
            return f"${amount / size:.2f}{letter}"
    return f"${amount:.0f}"


def on_pointer(event: Any) -> None:
    """Say what is under the pointer: time, price, USD, side, distance."""
    picture, readout = shown["picture"], find("#readout")
    if picture is None:
        return
    image = picture.image
    column = window.liqmap.columnAt(event.x)
    row = int((event.y - image.y) / image.dh * image.rows)
    if not (0 <= column < image.columns and 0 <= row < image.rows):
        readout.hidden = True
        return
    amount = image.quote[row * image.columns + column]
    distance = 100 * (event.y / picture.spot - 1)
    close = picture.closes[column]
    side = "shorts" if event.y > close else "longs"
    rows = [
        picture.times[column] + " UTC",
        price_words(event.y, picture.decimals) + f"  ({distance:+.2f}% from now)",
    ]
    strong = document.createElement("b")
    if window.isNaN(amount):
        strong.textContent = "no data"
    elif amount == 0:
        strong.textContent = "nothing waits here"
    else:
        strong.textContent = usd(amount) + " of " + side
        strong.className = side[:-1]
    readout.replaceChildren(strong)
    for words in rows:
        line = document.createElement("div")
        line.textContent = words
        readout.append(line)
    if column == image.columns - 1 and amount > 0:
        line = document.createElement("div")
        line.textContent = picture.reasons[row]
        readout.append(line)
    readout.classList.toggle("right", event.sx < 300)
    readout.hidden = False


def on_leave(event: Any) -> None:
    """The pointer left the picture."""
    find("#readout").hidden = True


def listen(target: Any, name: Any, handler: Any) -> None:
    """Call `handler` on an event."""
    target.addEventListener(name, ffi.create_proxy(handler))


def later(handler: Any) -> Any:
    """A handler that may wait."""
    return lambda event: start(handler(event))


async def main() -> None:
    """Wire the page, then wait for the worker."""
    asked = window.location.search.replace("?", "", 1)
    given = {}
    for pair in window.Array["from"](window.URLSearchParams.new(asked).entries()):
        given[str(pair[0])] = str(pair[1])
    mirror(given)
    listen(form, "change", on_change)
    listen(form, "submit", on_submit)
    listen(form, "reset", on_reset)
    listen(window.self, "popstate", on_popstate)
    listen(find("#retry"), "click", on_retry)
    listen(find("#share"), "click", later(share))
    listen(find("#export-png"), "click", later(export_png))
    listen(find("#export-csv"), "click", later(export_csv))
    script = find("script[name=liqmap]")
    while not getattr(script, "xworker", None):
        await asyncio.sleep(0.02)
    listen(script.xworker, "message", on_message)
    await window.liqmap.figure
    heat = window.liqmap.named("heat")
    heat.on_event("mousemove", ffi.create_proxy(on_pointer))
    heat.on_event("tap", ffi.create_proxy(on_pointer))
    heat.on_event("mouseleave", ffi.create_proxy(on_leave))
    try:
        worker = await workers["liqmap"]
        await worker.ping()
    except Exception as error:
        state("failed")
        find("#status").textContent = "Python could not start. Reload the page to try again."
        find("#details").hidden = False
        find("#details pre").textContent = str(error)
        find("#retry").hidden = False
        return
    shown["worker"] = window.liqmap.worker = worker
    # A control may have been used while Python was on its way.
    await worker.show(asked if not shown.get("touched") else form_query())


start(main())
