"""What the worker says, put where it belongs: one function for each kind of message."""

from pyscript import document

from page import settings
from page.elements import fill, fill_table, find, liqmap, root

MYPY = False
if MYPY:
    from typing import Any

FEW = 2  # sentences that need not be folded away
notices: list[str] = []  # of the view; those of the market come with its picture


def fail(sentence: Any, detail: Any = "") -> None:
    """Python is not there and will not come by itself."""
    root.dataset.state = "failed"
    tell(sentence + " Reload the page to try again.", detail, retry=True)


def tell(status: Any, detail: Any, retry: Any) -> None:
    """One sentence, what is folded away below it, and whether trying again may help."""
    find("#status").textContent = status
    find("#retry").hidden = not retry
    find("#details").hidden = not detail
    find("#details pre").textContent = detail


def on_boot(message: Any) -> None:
    """How far the interpreter is."""
    if hasattr(message, "failed"):
        fail("Python could not start: " + message.failed + ".")
    elif hasattr(message, "restored"):
        root.dataset.restored = ""
    elif root.dataset.state == "booting":
        done, total = message.loaded / 1e6, message.total / 1e6
        find("#progress").value = min(1, done / total)
        find("#status").textContent = f"Loading Python: {min(done, total):.1f} of {total:.1f} MB"


def on_view(message: Any) -> None:
    """The view as the worker understood it, and what it did not."""
    settings.on_view(message)
    notices[:] = list(message.notices)
    fill(find("#notices"), "li", notices)


def on_status(message: Any) -> None:
    """What is happening, or what failed."""
    if hasattr(message, "state"):
        root.dataset.state = message.state
        tell(message.status, getattr(message, "detail", ""), hasattr(message, "retry"))
        total = getattr(message, "total", 0)
        if total:
            find("#progress").value = message.done / total
        else:
            find("#progress").removeAttribute("value")


def on_picture(message: Any) -> None:
    """A picture, its tables and its words."""
    liqmap.paint(message)
    unit = getattr(message, "unit", "exposure")
    versus = getattr(message, "versus", "")
    kind = f"{message.model} minus {versus}, {unit}" if versus else unit
    title = message.title + " · " + kind
    find("#title").textContent = title
    document.title = title + " · liqmap"
    find("#key .what").textContent = message.what
    find("#long-total").textContent = message.long_total
    find("#short-total").textContent = message.short_total
    find("#beyond").textContent = f"{message.beyond_long}, {message.beyond_short}"
    find("#levels-unit").textContent = unit[0].upper() + unit[1:]
    fill(find("#notices"), "li", notices + list(message.market_notices))
    fill_table("#levels", message.levels, 1)
    fill_table("#breakdown", message.breakdown)
    find("#breakdown-box").hidden = not message.breakdown.length
    on_status(message)


def on_happened(message: Any) -> None:
    """The liquidations that were seen: bars, marks, histogram, and how complete they are."""
    liqmap.fill(message)
    for name in ("strip", "past"):
        liqmap.named(name).visible = not message.empty
    # The time axis is below the lowest chart.
    liqmap.named("time_axis").visible = message.empty
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
    fill_table("#health", [list(row)[1:] for row in message.rows], 1)


def on_tape(message: Any) -> None:
    """What this browser keeps."""
    find("#tape").textContent = message.words
    for name in ("#tape-export", "#tape-delete"):
        find(name).disabled = not message.count


def on_accounts(message: Any) -> None:
    """Real positions, as lines on the picture."""
    liqmap.fill(message)
    find("#real-words").textContent = message.words


handlers = {
    "boot": on_boot,
    "view": on_view,
    "status": on_status,
    "instruments": settings.on_instruments,
    "picture": on_picture,
    "happened": on_happened,
    "score": on_score,
    "health": on_health,
    "tape": on_tape,
    "accounts": on_accounts,
}


def on_message(event: Any) -> None:
    """Whatever the worker says."""
    kind = getattr(event.data, "kind", None)
    if kind in handlers:
        handlers[kind](event.data)
