"""The page: wires its panels to the elements, then waits for the worker.

Runs in MicroPython, like all of `page`. Knows no rule about settings: the worker's `View` does.
"""

import asyncio

from pyscript import document, window, workers

from page import (
    accounts,
    alerts,
    attention,
    board,
    cascade,
    cleared,
    cluster,
    clusters,
    desk,
    dispatch,
    embed,
    export,
    form,
    health,
    history,
    keys,
    legend,
    offline,
    position,
    reading,
    readout,
    record,
    rows,
    search,
    settings,
    side_charts,
    situation,
    spoken,
    tape,
    time_machine,
    worker,
)
from page.dom import find, liqmap, listen, start
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Event

CLICKS = {
    "#retry": form.on_retry,
    "#example": form.on_example,
    "#share": export.on_share,
    "#embed-open": embed.on_open,
    "#embed-copy": embed.on_copy,
    "#embed-close": embed.on_close,
    "#keys-open": keys.on_open,
    "#keys-close": keys.on_close,
    "#export-png": export.on_png,
    "#export-csv": export.on_file,
    "#export-json": export.on_file,
    "#tape-export": tape.on_export,
    "#tape-delete": tape.on_delete,
    "#clear": offline.on_clear,
    "#health-ask": health.on_ask,
    "#addresses-use": accounts.on_use,
    "#position-clear": position.on_clear,
    "#search-open": search.on_open,
    "#search": search.on_click,
    "#situation-open": situation.on_open,
    "#settings-close": settings.on_close,
    "#charts": side_charts.on_choose,
    "#tabs": desk.on_tab,
    "#desk-close": desk.on_close,
    "#cascade-anew": cascade.on_anew,
    "#levels": clusters.on_click,
    "#cluster-close": cluster.on_close,
    "#as-of-back": time_machine.on_back,
    "#as-of-here": time_machine.on_here,
    "#board-load": board.on_load,
    "#board": board.on_click,
    "#tab-alerts": alerts.on_seen,
    "#alerts-rules": alerts.on_delete,
}


async def on_visibility(event: Event) -> None:
    """A hidden tab need not listen as closely."""
    await worker.call("seen", not document.hidden)


def wire() -> None:
    """Let every control do something."""
    for selector, handler in CLICKS.items():
        listen(find(selector), "click", handler)
    listen(form.form, "change", form.on_change)
    listen(find("#leverages"), "change", form.on_change)
    listen(find("#embed-auto"), "change", embed.write)
    listen(find("#history-settings"), "change", history.on_change)
    listen(find("#legend"), "input", legend.on_input)
    listen(find("#legend"), "change", legend.on_change)
    listen(find("#cascade-ask"), "change", cascade.on_change)
    listen(find("#cascade-ask"), "input", cascade.on_input)
    listen(time_machine.slider, "input", time_machine.on_input)
    listen(time_machine.slider, "change", time_machine.on_change)
    listen(form.form, "submit", form.on_submit)
    listen(form.form, "reset", form.on_reset)
    listen(settings.box, "toggle", settings.on_toggle)
    listen(form.symbol, "focus", form.on_symbol_focus)
    listen(form.symbol, "blur", form.on_symbol_blur)
    listen(position.form, "change", position.on_change)
    listen(position.form, "submit", position.on_submit)
    listen(window.self, "popstate", form.on_popstate)
    listen(window.self, "liqmap-stored", offline.on_told)
    if not embed.on:
        for on_key in (search.on_key, keys.on_key, settings.on_key, cluster.on_key, desk.on_key):
            listen(document, "keydown", on_key)
    listen(cleared.slider, "input", cleared.on_slide)
    listen(search.field, "input", search.on_type)
    listen(search.field, "keydown", search.on_move)
    listen(find("#board-filter"), "input", board.on_filter)
    listen(alerts.form, "submit", alerts.on_add)
    listen(find("#alert-kind"), "change", alerts.on_kind)
    listen(find("#alert-sound"), "change", attention.on_sound)
    listen(document, "visibilitychange", on_visibility)
    listen(document, "pointerdown", reading.on_elsewhere)
    listen(keys.picture, "keydown", keys.on_picture)


async def main() -> None:
    """Wire the page, then wait for the worker."""
    form.mirror_link(window.location.search)
    language = await spoken.begin()
    wire()
    rows.watch()
    if not embed.on:  # which shows nothing of the visitor's own
        accounts.show_kept()
        position.show_kept()
        desk.watchers.append(record.on_desk)
        desk.restore()
    script = find("script[name=liqmap]")
    while not getattr(script, "xworker", None):
        await asyncio.sleep(0.02)
    listen(script.xworker, "message", dispatch.on_message)
    worker.follow(script.xworker)
    liqmap.embed()
    await liqmap.figure
    readout.watch()
    side_charts.watch()
    if embed.on:
        history.apply()
    else:
        desk.show_layers()
        history.restore()
        cluster.watch()
        time_machine.watch()
    try:
        began = await workers["liqmap"]
        await began.speak(*language)
        await began.ping()
    except Exception as error:
        liqmap.stopped(str(error))
        return
    if hasattr(window, "liqmapStart"):
        await began.early(window.liqmapStart.answers)
    liqmap.worker = began
    start(worker.watch())
    if offline.cleared:
        await began.forget()
    await liqmap.tellScreen()
    if embed.spares:
        find("#spares").hidden = False
        await began.spare()
    if not embed.on:
        await began.desk(desk.opened())
        await accounts.restore()
        await position.restore()
        start(cascade.restore())
        await alerts.restore()
    if search.box.open:
        start(search.ask())
    # A control may have been used while Python was on its way.
    await form.ask(form.asked())


start(main())
