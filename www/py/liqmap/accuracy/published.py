"""The record as `accuracy.json`, which the page shows, and as a page of its own."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from liqmap.accuracy import outcomes
from liqmap.accuracy.outcomes import Outcome
from liqmap.accuracy.page import page
from liqmap.evaluate.bootstrap import Score
from liqmap.evaluate.scorecard import compare
from liqmap.files import table
from liqmap.venues.registry import TITLES

FEWEST_DAYS = 10
"""Of fewer days nothing is claimed about the claims."""
LEAST_WATCHED = 0.9
"""Of a day that was listened to less, what happened is not known: it is shown, and not judged."""
MOVE = "how far the price moved × open interest"
BEFORE = "what was liquidated the day before"
FILE, PAGE = "accuracy.json", "accuracy.html"


def publish(folder: Path, out: Path, now_ms: float) -> dict[str, Any]:
    """Write both files into a folder, and give what the JSON holds."""
    found = record(folder, now_ms)
    table.put(str(out / FILE), (json.dumps(found, separators=(",", ":")) + "\n").encode())
    table.put(str(out / PAGE), page(found, FEWEST_DAYS, LEAST_WATCHED).encode())
    return found


def record(folder: Path, now_ms: float) -> dict[str, Any]:
    """All contracts with their days and scores.

    Of a contract with `FEWEST_DAYS` judged days or more, `score` has the rank correlation of what
    was claimed and reached with what was liquidated, that of each rule, and the claim's lift over
    the best of them, with 90 % intervals (days are drawn anew).
    """
    contracts: list[dict[str, Any]] = []
    for path in sorted((folder / "outcomes").glob("*/*.parquet")):
        venue, name = path.parent.name, path.stem
        days = outcomes.read(folder, venue, name)
        contracts.append(
            {
                "venue": venue,
                "title": TITLES.get(venue, venue),
                "name": name,
                "days": [_day(one) for one in days],
                "score": score(days),
            }
        )
    judged = [one["score"] for one in contracts if one["score"]]
    return {
        "version": 1,
        "made_ms": now_ms,
        "contracts": contracts,
        "summary": _summary(judged),
    }


def score(days: list[Outcome]) -> dict[str, Any] | None:
    """How well the claims of a contract ranked its days; None of too few."""
    whole = [one for one in days if one.watched >= LEAST_WATCHED]
    if len(whole) < FEWEST_DAYS + 1:  # the first has no day before it
        return None
    claimed, happened, moved = (
        np.array(
            [[getattr(one, f"{what}_{side}_quote") for one in whole] for side in ("long", "short")]
        )
        for what in ("claimed", "happened", "moved")
    )
    start_ms = np.array([np.datetime64(one.day, "ms").astype(np.int64) for one in whole[1:]], float)
    found = compare(
        "claims",
        claimed[:, 1:],
        {MOVE: moved[:, 1:], BEFORE: happened[:, :-1]},
        happened[:, 1:],
        start_ms,
    )
    rows = {
        one.name: {"long": _score(one.long), "short": _score(one.short)}
        for one in (found.model, *found.baselines)
    }
    return {"days": len(whole) - 1, "rows": rows, "lift": _score(found.lift_both)}


def _summary(judged: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Means over the contracts that are judged; None where none is."""
    if not judged:
        return None

    def mean(name: str) -> float:
        return float(
            np.mean(
                [one["rows"][name][side]["value"] for one in judged for side in ("long", "short")]
            )
        )

    return {
        "contracts": len(judged),
        "days": sum(one["days"] for one in judged),
        "claims": mean("claims"),
        "best_rule": max(mean(MOVE), mean(BEFORE)),
    }


def _score(one: Score) -> dict[str, float]:
    return {name: float(value) for name, value in one._asdict().items()}


def _day(one: Outcome) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in Outcome.__slots__}
    return {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in values.items()
    }
