"""Which panel shows which message of the worker."""

from page import (
    accounts,
    alerts,
    board,
    breakdown,
    cascade,
    cleared,
    cluster,
    clusters,
    context,
    contracts,
    form,
    heading,
    health,
    heatmap,
    history,
    liquidation_chart,
    liquidation_map,
    position,
    score,
    search,
    situation,
    status,
    tape,
    time_machine,
    uncertainty,
)
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyscript import MessageEvent

PANELS: dict[str, Callable[[Any], None]] = {
    "settings": form.show,
    "status": status.show,
    "contracts": contracts.show,
    "found": search.show,
    "heading": heading.show,
    "situation": situation.show,
    "heatmap": heatmap.show,
    "colors": heatmap.recolor,
    "map": liquidation_map.show,
    "clusters": clusters.show,
    "cluster": cluster.explain,
    "breakdown": breakdown.show,
    "cleared": cleared.show,
    "uncertainty": uncertainty.show,
    "liquidations": liquidation_chart.show,
    "context": context.show,
    "levels": history.show,
    "tape": tape.show,
    "time_machine": time_machine.show,
    "score": score.show,
    "health": health.show,
    "accounts": accounts.show,
    "position": position.show,
    "cascade": cascade.show,
    "board": board.show,
    "alerts": alerts.show,
}


def on_message(event: MessageEvent) -> None:
    """Show a message; `guard.js` hears those of the start, and PyScript's own have no kind."""
    show = PANELS.get(getattr(event.data, "kind", ""))
    if show is not None:
        show(event.data)
