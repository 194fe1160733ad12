"""The page: mirrors query string and controls by name, shows what the worker says.

Runs in MicroPython. Knows no rule about settings: the worker's `View` does.
"""

import asyncio

from pyscript import document, window, workers
from pyscript.ffi import create_proxy

form = document.querySelector("#view")
root = document.documentElement
shown = {"picture": None, "worker": None, "query": window.location.search}


def find(selector):
    return document.querySelector(selector)


def state(name):
    root.dataset.state = name


def form_query():
    return window.URLSearchParams.new(window.FormData.new(form)).toString()


def mirror(controls):
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


def entries(value):
    return {str(pair[0]): str(pair[1]) for pair in window.Object.entries(value)}


def address(query):
    window.history.replaceState(None, "", window.location.pathname + ("?" + query if query else ""))


def texts(selector, sentences):
    box = find(selector)
    box.replaceChildren()
    for sentence in sentences:
        item = document.createElement("li")
        item.textContent = sentence
        box.append(item)


def on_boot(message):
    if hasattr(message, "failed"):
        state("failed")
        find("#status").textContent = (
            "Python could not start: " + message.failed + ". Reload the page to try again."
        )
        return
    if root.dataset.state == "booting":
        done, total = message.loaded / 1e6, message.total / 1e6
        find("#progress").value = min(1, done / total)
        find("#status").textContent = "Loading Python: {:.1f} of {:.1f} MB".format(
            min(done, total), total
        )


def on_view(message):
    shown["query"] = message.query
    address(message.query)
    mirror(entries(message.controls))
    shown["notices"] = list(message.notices)
    texts("#notices", shown["notices"])


def on_status(message):
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


def on_instruments(message):
    options = find("#symbols")
    options.replaceChildren()
    for name in message.names:
        option = document.createElement("option")
        option.value = name
        options.append(option)


def on_picture(message):
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


def on_message(event):
    message = event.data
    kind = getattr(message, "kind", None)
    if kind in handlers:
        handlers[kind](message)


def on_change(event):
    if shown["worker"]:
        asyncio.create_task(shown["worker"].show(form_query()))


def on_reset(event):
    event.preventDefault()
    if shown["worker"]:
        asyncio.create_task(shown["worker"].show(""))


def on_submit(event):
    event.preventDefault()
    on_change(event)


def on_popstate(event):
    if shown["worker"]:
        asyncio.create_task(shown["worker"].show(window.location.search))


def on_retry(event):
    if shown["worker"]:
        asyncio.create_task(shown["worker"].again(shown["query"]))
    else:
        window.location.reload()


async def share(event):
    button = find("#share")
    try:
        await window.navigator.clipboard.writeText(window.location.href)
        button.textContent = "Copied"
    except Exception:
        window.prompt("Copy the link of this view", window.location.href)
    await asyncio.sleep(2)
    button.textContent = "Share"


def file_name(extension):
    title = find("#title").textContent
    return "liqmap-" + title.split(" ")[0] + "." + extension


async def export_png(event):
    window.liqmap.save(await window.liqmap.png(), file_name("png"))


async def export_csv(event):
    if shown["worker"] and shown["picture"]:
        text = await shown["worker"].csv()
        blob = window.Blob.new([text], type="text/csv")
        window.liqmap.save(blob, file_name("csv"))


def price_words(price, decimals):
    whole, _, part = "{:.{}f}".format(price, decimals).partition(".")
    groups = []
    while len(whole) > 3:
        groups.insert(0, whole[-3:])
        whole = whole[:-3]
    return ",".join([whole] + groups) + ("." + part if part else "")


def usd(amount):
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if amount >= size:
            return "${:.2f}{}".format(amount / size, letter)
    return "${:.0f}".format(amount)


def on_pointer(event):
    """Say what is under the pointer: time, price, USD, side, distance."""
    picture, readout = shown["picture"], find("#readout")
    if picture is None:
        return
    image = picture.image
    column = int((event.x - image.x) / image.dw * image.columns)
    row = int((event.y - image.y) / image.dh * image.rows)
    if not (0 <= column < image.columns and 0 <= row < image.rows):
        readout.hidden = True
        return
    amount = image.quote[row * image.columns + column]
    when = window.Date.new(image.x + column * image.dw / image.columns).toISOString()
    distance = 100 * (event.y / picture.spot - 1)
    close = picture.closes[column]
    side = "shorts" if event.y > close else "longs"
    rows = [
        when[:16].replace("T", " ") + " UTC",
        price_words(event.y, picture.decimals) + "  ({:+.2f}% from now)".format(distance),
    ]
    strong = document.createElement("b")
    if amount != amount:
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


def on_leave(event):
    find("#readout").hidden = True


def listen(target, name, handler):
    target.addEventListener(name, create_proxy(handler))


def later(handler):
    return lambda event: asyncio.create_task(handler(event))


async def main():
    start = window.location.search.replace("?", "", 1)
    given = {}
    for pair in window.Array["from"](window.URLSearchParams.new(start).entries()):
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
    heat.on_event("mousemove", create_proxy(on_pointer))
    heat.on_event("tap", create_proxy(on_pointer))
    heat.on_event("mouseleave", create_proxy(on_leave))
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
    shown["worker"] = worker
    # A control may have been used while Python was on its way.
    await worker.show(start if not shown.get("touched") else form_query())


asyncio.create_task(main())
