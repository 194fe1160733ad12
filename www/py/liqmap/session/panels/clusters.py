"""The table of the largest clusters, those that wait and those that were swept."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from liqmap.analysis.cluster_life import Life, Path, SweptCluster, life, swept_clusters
from liqmap.analysis.clusters import Cluster, largest_clusters
from liqmap.language import count, mark, say
from liqmap.picture.cluster_bands import bands
from liqmap.picture.heatmap import unit_of
from liqmap.session.messages import Clusters
from liqmap.session.panels.panel import PicturePanel
from liqmap.session.state import Shown, State
from liqmap.view import DAY_MS, HOUR_MS
from liqmap.words import number, percent, side_of, usd

UNKNOWN = "–"
"""Stands for an interval that is not known yet."""
SIDES = (1, -1)
_STATES = {
    "untouched": mark("untouched"),
    "approached": mark("approached"),
    "swept": mark("swept"),
    "reclaimed": mark("reclaimed"),
}
MOST_SWEPT = 2
"""Swept clusters of a side."""


class Entry(NamedTuple):
    """A row of the table; `swept` is None of a cluster that waits."""

    cluster: Cluster
    life: Life
    swept: SweptCluster | None = None


class ClustersPanel(PicturePanel):
    """The rows without intervals, which come with `Uncertainty`."""

    def message(self, state: State) -> Clusters:
        shown = state.standing
        assert shown is not None
        entries = entries_of(shown)
        clusters, unit = [one.cluster for one in entries], unit_of(shown.shares)
        return Clusters(
            unit=unit[:1].upper() + unit[1:],
            pain=_pain(shown),
            rows=tuple(_row(one, shown) for one in entries),
            sides=tuple(side_of(one.position_side) for one in clusters),
            waiting=sum(one.swept is None for one in entries),
            orders=_orders(clusters),
            prices=tuple(one.price for one in clusters),
            bands=bands(clusters, shown.first_ms, [_until_ms(one, shown) for one in entries]),
        )


@lru_cache(maxsize=2)  # several panels ask, of now and of then
def clusters_of(shown: Shown) -> tuple[Cluster, ...]:
    """The largest clusters that wait, largest first."""
    return largest_clusters(shown.amounts, shown.spot_price, positions=shown.view.positions)


@lru_cache(maxsize=1)
def entries_of(shown: Shown) -> tuple[Entry, ...]:
    """The clusters of the table: `clusters_of`, then those that were swept."""
    market, waiting = shown.leader, clusters_of(shown)
    paths = {side: Path.of(market.candles, market.mark, side) for side in SIDES}
    entries = [Entry(one, life(one, paths[one.position_side], one.since_ms)) for one in waiting]
    swept: list[SweptCluster] = []
    for side, path in paths.items():
        own = [one.amount_quote for one in waiting if one.position_side == side]
        if own:
            spot, least = shown.spot_price, min(own)
            swept += swept_clusters(shown.amounts, path, spot, MOST_SWEPT, least)
    return (*entries, *(Entry(one.cluster, one.life, one) for one in swept))


def _row(entry: Entry, shown: Shown) -> tuple[str, ...]:
    cluster = entry.cluster
    return (
        shown.price(cluster.price),
        say("long") if cluster.position_side > 0 else say("short"),
        usd(cluster.amount_quote),
        UNKNOWN,
        _distance(cluster.distance_rate),
        _swept(entry.swept, shown)
        if entry.swept
        else say("{state} {age}", state=state_of(entry.life), age=_age(cluster, shown)),
    )


def _distance(rate: float) -> str:
    """`−0.34%`, `+12.5%`."""
    digits = 2 if abs(rate) < 0.09995 else 1
    return percent(rate, digits, signed=True)


def state_of(found: Life) -> str:
    """`held 3 bars`, `approached`."""
    if found.state == "held":
        return count("held {n} bar", "held {n} bars", found.bars, n=number(found.bars))
    return say(_STATES[found.state])


def _swept(one: SweptCluster, shown: Shown) -> str:
    """`82% swept 5 h ago, reclaimed`."""
    assert one.life.swept_ms is not None
    part, age = percent(one.part), _length(shown.end_ms - one.life.swept_ms)
    if one.life.state == "reclaimed":
        return say("{part} swept {age} ago, reclaimed", part=part, age=age)
    return say("{part} swept {age} ago", part=part, age=age)


def _age(cluster: Cluster, shown: Shown) -> str:
    """`5 h`; `3 d+` of what was there before the picture."""
    words = _length(shown.end_ms - cluster.since_ms)
    return f"{words}+" if cluster.since_ms <= shown.first_ms else words


def _length(time_ms: float) -> str:
    """`35 min`, `5 h`, `2 d`, in one word."""
    if time_ms < HOUR_MS:
        return say("{n}\u00a0min", n=number(time_ms / 60_000))
    if time_ms < 2 * DAY_MS:
        return say("{n}\u00a0h", n=number(time_ms / HOUR_MS))
    return say("{n}\u00a0d", n=number(time_ms / DAY_MS))


def _until_ms(entry: Entry, shown: Shown) -> float:
    """Where its band ends: at the sweep, else at the newest bar."""
    swept_ms = entry.swept and entry.life.swept_ms
    return swept_ms or shown.end_ms


def _orders(clusters: list[Cluster]) -> dict[str, tuple[int, ...]]:
    keys: dict[str, list[tuple[float, ...]]] = {
        "distance": [(abs(one.distance_rate),) for one in clusters],
        "size": [(one.amount_quote,) for one in clusters],
        "age": [(-one.since_ms,) for one in clusters],
        "side": [(-one.position_side, abs(one.distance_rate)) for one in clusters],
    }
    rows = range(len(clusters))
    return {name: tuple(sorted(rows, key=key.__getitem__)) for name, key in keys.items()}


def _pain(shown: Shown) -> str:
    """`Max pain: longs at 90,100 ($2.1M), shorts at 99,800 ($3.4M)`."""
    largest: dict[int, Cluster] = {}
    for one in clusters_of(shown):
        largest.setdefault(one.position_side, one)
    words = [_largest(largest[side], shown) for side in SIDES if side in largest]
    return say("Max pain: {sides}", sides=", ".join(words)) if words else ""


def _largest(one: Cluster, shown: Shown) -> str:
    price, amount = shown.price(one.price), usd(one.amount_quote)
    if one.position_side > 0:
        return say("longs at {price} ({amount})", price=price, amount=amount)
    return say("shorts at {price} ({amount})", price=price, amount=amount)
