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
page = window.liqmap  # what boot.js offers; `worker` is None until Python is there
shown: dict[str, Any] = {
    "picture": None,
    "query": window.location.search,
}
tasks: list[Any] = []
FEW = 2  # sentences that need not be folded away


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
    find("#real").hidden = controls.get("accounts", "off") != "on"


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
    """Names for the symbol picker, with what is traded a day."""
    shown["names"] = list(message.names)
    labels = list(getattr(message, "labels", []))
    options = find("#symbols")
    options.replaceChildren()
    for index, name in enumerate(shown["names"]):
        option = document.createElement("option")
        option.value = name
        if index < len(labels):
            option.label = labels[index]
        options.append(option)


def fill_table(selector: Any, rows: Any, mark: Any = None) -> None:
    """Rows of words; those of the column `mark` are classes, too."""
    body = find(selector + " tbody")
    body.replaceChildren()
    for words in rows:
        row = document.createElement("tr")
        for index, word in enumerate(words):
            cell = document.createElement("td")
            cell.textContent = word
            if index == mark:
                cell.className = word
            row.append(cell)
        body.append(row)


def on_picture(message: Any) -> None:
    """A picture, its tables and its words."""
    page.paint(message)
    shown["picture"] = message
    unit = getattr(message, "unit", "exposure")
    versus = getattr(message, "versus", "")
    title = message.title + " · " + unit + (" minus " + versus if versus else "")
    find("#title").textContent = title
    document.title = title + " · liqmap"
    find("#key .what").textContent = message.what
    find("#long-total").textContent = message.long_total
    find("#short-total").textContent = message.short_total
    find("#levels-unit").textContent = unit[0].upper() + unit[1:]
    texts("#notices", shown.get("notices", []) + list(message.market_notices))
    fill_table("#levels", message.levels, 1)
    fill_table("#breakdown", message.breakdown)
    find("#breakdown-box").hidden = not message.breakdown.length
    on_status(message)


def on_happened(message: Any) -> None:
    """The liquidations that were seen: bars, marks, histogram, and how complete they are."""
    page.fill(message)
    for name in ("strip", "past"):
        page.named(name).visible = not message.empty
    # The time axis is below the lowest chart.
    page.named("time_axis").visible = message.empty
    box, words = find("#happened"), list(message.words)
    if box.hidden:
        box.hidden, box.open = False, len(words) <= FEW
    find("#happened summary").textContent = message.title + "."
    find("#happened p").textContent = " ".join(words)


def on_score(message: Any) -> None:
    """How the estimate did against what happened; greyed when it claims too much."""
    find("#score").hidden = False
    find("#score").classList.toggle("unproven", not (message.available and message.beats))
    find("#score-words").textContent = message.words
    fill_table("#scorecard", message.rows)
    find("#scorecard").hidden = not message.available


def on_health(message: Any) -> None:
    """Which venues can be read from here."""
    fill_table("#health", [[row[1], row[2], row[3]] for row in message.rows], 1)


def on_tape(message: Any) -> None:
    """What this browser keeps."""
    find("#tape").textContent = message.words
    for name in ("#tape-export", "#tape-delete"):
        find(name).disabled = not message.count


def on_accounts(message: Any) -> None:
    """Real positions, as lines on the picture."""
    page.fill(message)
    find("#real-words").textContent = message.words


handlers = {
    "boot": on_boot,
    "view": on_view,
    "status": on_status,
    "instruments": on_instruments,
    "picture": on_picture,
    "happened": on_happened,
    "score": on_score,
    "health": on_health,
    "tape": on_tape,
    "accounts": on_accounts,
}


def on_message(event: Any) -> None:
    """Whatever the worker says."""
    message = event.data
    kind = getattr(message, "kind", None)
    if kind in handlers:
        handlers[kind](message)


async def show(query: Any) -> None:
    """Ask the worker for a view."""
    await page.worker.show(query)


async def again(query: Any) -> None:
    """The same, with fresh data."""
    await page.worker.again(query)


def contract(text: Any) -> Any:
    """The contract that someone means: by name, by coin, or by a part; the most traded."""
    names = shown.get("names", [])
    wanted = text.strip().upper()
    if not wanted or wanted in names:
        return wanted
    contracts = [(name.split("-")[0].upper(), name) for name in names]
    tests = (
        lambda coin, name: coin == wanted,
        lambda coin, name: coin.lstrip("K0123456789") == wanted,
        lambda coin, name: coin.startswith(wanted),
        lambda coin, name: wanted in name.upper(),
    )
    for fits in tests:
        for coin, name in contracts:
            if fits(coin, name):
                return name
    return text.strip()


def on_symbol_focus(event: Any) -> None:
    """An empty field offers every contract; what was there is kept until another is chosen."""
    event.target.placeholder = event.target.value
    event.target.value = ""


def on_symbol_blur(event: Any) -> None:
    """Nothing was chosen."""
    if not event.target.value.strip():
        event.target.value = event.target.placeholder


def on_change(event: Any) -> None:
    """A control was used; of a symbol, a part is enough, and a phone's keyboard goes."""
    if getattr(event.target, "name", "") == "symbol":
        form.symbol.value = contract(form.symbol.value or form.symbol.placeholder)
        form.symbol.blur()
    if page.worker:
        start(show(form_query()))
    else:
        shown["touched"] = True


def on_reset(event: Any) -> None:
    """Back to the default view."""
    event.preventDefault()
    if page.worker:
        start(show(""))


def on_submit(event: Any) -> None:
    """Enter in a text field: its change has been seen."""
    event.preventDefault()


def on_popstate(event: Any) -> None:
    """Back and forth in the history."""
    if page.worker:
        start(show(window.location.search))


def on_retry(event: Any) -> None:
    """Ask again, with fresh data."""
    if page.worker:
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
    page.save(await page.png(), file_name("png"))


async def export_csv(event: Any) -> None:
    """Save the last column."""
    if page.worker and shown["picture"]:
        page.save(await page.worker.csv(), file_name("csv"))


async def export_tape(event: Any) -> None:
    """Save every liquidation that was seen here."""
    page.save(await page.worker.tape_csv(), "liqmap-liquidations.csv")


async def delete_tape(event: Any) -> None:
    """Forget every liquidation that was seen here."""
    if window.confirm("Delete all liquidations that this browser has kept?"):
        await page.worker.tape_clear()


async def check_venues(event: Any) -> None:
    """Ask every venue whether it can be read."""
    button = find("#health-ask")
    button.disabled = True
    try:
        await page.worker.health()
    finally:
        button.disabled = False


async def use_addresses(event: Any) -> None:
    """Keep the addresses here, never in the link, and show what they hold."""
    text = find("#addresses").value
    remember(text)
    if page.worker:
        await page.worker.accounts(text)


ADDRESSES = "liqmap-addresses"


def remember(text: Any) -> None:
    """Keep addresses, where the browser allows."""
    try:
        window.localStorage.setItem(ADDRESSES, text)
    except Exception:
        find("#real-words").textContent = "This browser keeps nothing: type them again next time."


def remembered() -> Any:
    """Addresses kept before."""
    try:
        return window.localStorage.getItem(ADDRESSES) or ""
    except Exception:
        return ""


def on_visibility(event: Any) -> None:
    """A hidden tab need not listen as closely."""
    if page.worker:
        start(seen(not document.hidden))


async def seen(visible: Any) -> None:
    """Tell the worker."""
    await page.worker.seen(visible)


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


def read_out(event: Any, strong: Any, name: Any, rows: Any) -> None:
    """Show words beside the pointer, on the side of the picture where it is not."""
    readout = find("#readout")
    first = document.createElement("b")
    first.textContent = strong
    first.className = name
    readout.replaceChildren(first)
    for words in rows:
        line = document.createElement("div")
        line.textContent = words
        readout.append(line)
    readout.classList.toggle("right", event.sx < page.named("heat").inner_width / 2)
    readout.hidden = False


def on_pointer(event: Any) -> None:
    """Say what is under the pointer: time, price, USD, side, distance, what happened there."""
    picture = shown["picture"]
    if picture is None:
        return
    image = picture.image
    column = page.columnAt(event)
    row = int((event.y - image.y) / image.dh * image.rows)
    if not (0 <= column < image.columns and 0 <= row < image.rows):
        find("#readout").hidden = True
        return
    amount = image.quote[row * image.columns + column]
    distance = 100 * (event.y / picture.spot - 1)
    side = "shorts" if event.y > picture.closes[column] else "longs"
    rows = [
        picture.times[column] + " UTC",
        price_words(event.y, picture.decimals) + f"  ({distance:+.2f}% from now)",
    ]
    if window.isNaN(amount):
        strong, name = "no data", ""
    elif amount == 0:
        strong, name = "no difference" if picture.diverging else "nothing waits here", ""
    elif picture.diverging:
        more = "more" if amount > 0 else "less"
        strong, name = f"{usd(abs(amount))} {more} than {picture.versus}", ""
        rows.append(picture.unit + " of " + side)
    else:
        strong, name = usd(amount) + " of " + side, side[:-1]
        rows.append(picture.unit + ", estimated")
        rows.append(page.storyAt(column, row))
    rows += list(page.marksAt(event))
    read_out(event, strong, name, rows)


def on_strip(event: Any) -> None:
    """Say what was liquidated at the time under the pointer."""
    picture = shown["picture"]
    column = -1 if picture is None else page.columnAt(event)
    if not 0 <= column < (picture.image.columns if picture else 0):
        return
    longs, shorts = list(page.barsAt(event))
    rows = [picture.times[column] + " UTC", "seen, not estimated"]
    read_out(event, f"{usd(longs)} long, {usd(shorts)} short liquidated", "", rows)


def on_leave(event: Any) -> None:
    """The pointer left the picture; a finger always does, and what it read stays."""
    if window.matchMedia("(hover: hover)").matches:
        find("#readout").hidden = True


def on_elsewhere(event: Any) -> None:
    """A touch beside the picture."""
    if not event.target.closest("#picture"):
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
    listen(find("#tape-export"), "click", later(export_tape))
    listen(find("#tape-delete"), "click", later(delete_tape))
    listen(find("#health-ask"), "click", later(check_venues))
    listen(find("#addresses-use"), "click", later(use_addresses))
    listen(form.symbol, "focus", on_symbol_focus)
    listen(form.symbol, "blur", on_symbol_blur)
    listen(document, "visibilitychange", on_visibility)
    listen(document, "pointerdown", on_elsewhere)
    find("#addresses").value = remembered()
    script = find("script[name=liqmap]")
    while not getattr(script, "xworker", None):
        await asyncio.sleep(0.02)
    listen(script.xworker, "message", on_message)
    await page.figure
    for name, handler in (("heat", on_pointer), ("strip", on_strip)):
        plot = page.named(name)
        plot.on_event("mousemove", ffi.create_proxy(handler))
        plot.on_event("tap", ffi.create_proxy(handler))
        plot.on_event("mouseleave", ffi.create_proxy(on_leave))
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
    page.worker = worker
    if remembered():
        await worker.accounts(remembered())
    # A control may have been used while Python was on its way.
    await show(asked if not shown.get("touched") else form_query())


start(main())
