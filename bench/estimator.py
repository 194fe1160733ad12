"""The estimate against one pass over its matrix, in CPython and in Pyodide.

A week of five-minute bars by 800 price bins; the yardstick is `cumsum` of that matrix in
float32 in the same interpreter. A live book's update is held against the run that makes all
of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench import _timed
from bench._worker import bare_site
from tests.support.engines import launched
from tools.build import site
from tools.replay import SIMULATED

_IN_PYODIDE = (
    Path(_timed.__file__).read_text() + "\nimport json\njson.dumps(list(figures('/m.csv.gz')))"
)


def figures() -> Iterator[tuple[str, float]]:
    """Seconds and ratios, interpreter by interpreter."""
    site.build()
    for name, value in (*_timed.figures(str(SIMULATED)), *_timed.more_figures(str(SIMULATED))):
        yield f"estimator_cpython_{name}", value
    for name, value in _in_pyodide():
        yield f"estimator_pyodide_{name}", value


def _in_pyodide() -> list[tuple[str, float]]:
    with bare_site() as bare, sync_playwright() as playwright, launched(playwright) as browser:
        page = browser.new_page()
        page.goto(bare.address)
        page.wait_for_selector("html[data-state=ready]", state="attached", timeout=120_000)
        said = page.evaluate(
            "([code, bytes]) => window.run(code, {'/m.csv.gz': new Uint8Array(bytes)})",
            [_IN_PYODIDE, list(SIMULATED.read_bytes())],
        )
    return [(name, value) for name, value in json.loads(said)]
