"""The public record as one HTML page, which needs nothing else."""

from __future__ import annotations

from html import escape
from typing import Any

from liqmap.words import clock, number, percent, usd

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem; text-align: right; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; }
.part { opacity: 0.6; }
""".strip()
_HEAD = (
    *("Day (UTC)", "Claimed at", "Price", "Low", "High", "Longs claimed and reached"),
    *("Longs liquidated", "Shorts claimed and reached", "Shorts liquidated", "Listened"),
)


def page(found: dict[str, Any], fewest_days: int, least_watched: float) -> str:
    """The record as one HTML page that needs nothing else.

    Parameters
    ----------
    found : dict
        What `liqmap.accuracy.published.record` gives.
    fewest_days : int
        Of fewer nothing is claimed.
    least_watched : float
        Part of a day that was listened to, below which it is not judged.
    """
    sections = "\n".join(_section(one, fewest_days, least_watched) for one in found["contracts"])
    if not found["contracts"]:
        sections = "<p>No day has been judged yet.</p>"
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>liqmap: claims and what happened</title>
<style>
{_STYLE}
</style>
<h1>Claims and what happened</h1>
<p>Every evening an estimate of where positions would be liquidated is kept, before the next day
(UTC) begins. After the day it is held against the liquidations that were heard. Claimed is
exposure, not forced selling: most traders leave before. So ranks are compared, not dollars. Days of
which less than {percent(least_watched)} was listened to are shown in grey, and not judged.</p>
<p>Made {clock(found["made_ms"])} UTC. <a href="accuracy.json">The same as JSON</a>.
<a href="./">The map</a>.</p>
{sections}
</html>
"""


def _section(contract: dict[str, Any], fewest_days: int, least_watched: float) -> str:
    rows = "\n".join(_row(one, least_watched) for one in reversed(contract["days"]))
    head = "".join(f'<th scope="col">{one}</th>' for one in _HEAD)
    return f"""<section>
<h2>{escape(contract["name"])}, {escape(contract["title"])}</h2>
{_verdict(contract["score"], fewest_days)}
<div class="scroll"><table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table></div>
</section>"""


def _verdict(found: dict[str, Any] | None, fewest_days: int) -> str:
    if found is None:
        return f"<p>Too early to say: it takes {fewest_days} days that were listened to.</p>"
    lines = [
        f"<tr><td>{escape(name)}</td>"
        + "".join(
            f"<td>{number(row[side]['value'], 2)} "
            f"({number(row[side]['low'], 2)} … {number(row[side]['high'], 2)})</td>"
            for side in ("long", "short")
        )
        + "</tr>"
        for name, row in found["rows"].items()
    ]
    lift = found["lift"]
    said = (
        "It beats both rules."
        if lift["low"] > 0
        else "It does not beat both rules: chance may explain the difference."
    )
    value, low, high = (number(lift[name], 2, signed=True) for name in ("value", "low", "high"))
    head = "".join(f'<th scope="col">{one}</th>' for one in ("", "Longs", "Shorts"))
    return f"""<p>Over {found["days"]} days, rank correlation with what was liquidated (1 is
perfect), with 90 % intervals; the claims' lift over the best rule is {value} ({low} … {high}).
{said}</p>
<table><thead><tr>{head}</tr></thead>
<tbody>{"".join(lines)}</tbody></table>"""


def _row(day: dict[str, Any], least_watched: float) -> str:
    cells = [
        day["day"],
        f"{clock(day['made_ms'])}",
        *(number(day[name], 1) for name in ("price", "low_price", "high_price")),
        *(
            usd(day[f"{what}_{side}_quote"])
            for side in ("long", "short")
            for what in ("claimed", "happened")
        ),
        percent(day["watched"]),
    ]
    kind = "" if day["watched"] >= least_watched else ' class="part"'
    return f"<tr{kind}>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
