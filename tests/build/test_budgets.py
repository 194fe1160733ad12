"""Sizes stay below the limits of budgets.toml, and what is left of them is told."""

from __future__ import annotations

import gzip

import pytest

from tools.build import budgets, site
from tools.build.budgets import Budget

BUDGETS = budgets.budgets()
FIGURES = budgets.of_sources(site.contents())


@pytest.mark.parametrize("name", FIGURES)
def test_what_is_known_without_a_browser_is_within_its_budget(name: str) -> None:
    assert FIGURES[name] <= BUDGETS[name].limit, BUDGETS[name].verdict(FIGURES[name])


def test_every_budget_has_a_reason_and_is_held_against_something() -> None:
    visit = {"first_visit_gzip_bytes", "first_visit_requests"}  # in tests/browser
    assert set(BUDGETS) == visit | set(FIGURES)
    assert all(one.why.endswith(".") for one in BUDGETS.values())


def test_the_difference_is_told() -> None:
    code = Budget("own_code_gzip_bytes", 66_000, "")
    assert code.verdict(63_100) == "own code gzip: 63.1 kB of 66.0 kB, 2.9 kB left"
    assert code.verdict(66_250) == "own code gzip: 66.2 kB of 66.0 kB, 0.2 kB too much"
    lines = Budget("longest_page_file_lines", 160, "")
    assert lines.verdict(160) == "longest page file: 160 lines of 160 lines, 0 lines left"
    visit = Budget("first_visit_gzip_bytes", 10_500_000, "")
    assert visit.verdict(10_100_000) == "first visit gzip: 10.10 MB of 10.50 MB, 400.0 kB left"


def test_own_code_is_what_was_written_here_and_goes_to_the_page() -> None:
    files = {
        "index.html": b"<p>" * 100,
        "py/main.py": b"x = 1\n" * 100,
        "py/page.tar.gz": b"gzipped" * 100,
        "figure.json": b"{}",
        "runtime/bokeh/bokeh.min.js": b"bokeh",
        "runtime/pyodide/liqmap-1-py3-none-any.whl": b"wheel" * 100,
        "runtime/pyodide/numpy-1.whl": b"numpy",
    }
    texts = (files["index.html"], files["py/main.py"])
    expected = sum(len(gzip.compress(one, 6)) for one in texts) + 500 + 700
    assert budgets.of_sources(files)["own_code_gzip_bytes"] == expected


def test_a_visit_counts_each_file_once_and_only_the_site_s() -> None:
    files = {"boot.js": b"boot", "figure.json": b"{}" * 100, "style.css": b"never asked for"}
    requests = ["boot.js", "figure.json", "boot.js", "missing.png"]
    assert budgets.of_visit(requests, files) == {
        "first_visit_gzip_bytes": sum(len(gzip.compress(files[one], 6)) for one in requests[:2]),
        "first_visit_requests": 2,
    }
