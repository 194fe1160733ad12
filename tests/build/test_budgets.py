"""Sizes stay below the limits of budgets.toml, and what is left of them is told."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.build import budgets, figures, site
from tools.build.budgets import Budget
from tools.build.console import BuildError

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


def test_figures_stand_beside_those_of_another_commit() -> None:
    limit = BUDGETS["longest_page_file_lines"].limit
    now = {"longest_page_file_lines": limit - 3, "release_gzip_bytes": 2_001_500, "x_ratio": 1.25}
    before = {"longest_page_file_lines": limit - 5, "release_gzip_bytes": 2_000_000, "y_s": 0.5}
    head, _, *rows = budgets.compared(now, before).splitlines()
    assert head == "| figure | before | now | difference | limit | left |"
    assert rows == [
        f"| longest page file | {limit - 5} lines | {limit - 3} lines | +2 lines "
        f"({2 / (limit - 5):+.1%}) | {limit} lines | 3 lines |",
        "| release gzip | 2.00 MB | 2.00 MB | +1,500 bytes (+0.1%) |  |  |",
        "| x |  | 1.25 ratio |  |  |  |",
        "| y | 0.5 s |  |  |  |  |",
    ]
    unchanged = budgets.compared({"x_s": 0.25}, {"x_s": 0.25})
    assert unchanged.endswith("| x | 0.25 s | 0.25 s | none |  |  |")


def test_earlier_figures_are_read_from_what_json_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Sizes:
        @staticmethod
        def figures() -> Iterator[tuple[str, float]]:
            yield "release_files", 46

    monkeypatch.setattr(figures, "_module", lambda name: Sizes)
    figures.sizes(as_json=True, against=None)
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"release_files": 46}
    kept, empty = tmp_path / "kept.json", tmp_path / "empty.json"
    kept.write_text(printed.replace("46", "40"))
    empty.touch()  # what a build.py that knew no such figures printed
    figures.sizes(as_json=False, against=kept)
    assert "| release | 40 files | 46 files | +6 files (+15.0%) |  |  |" in capsys.readouterr().out
    figures.sizes(as_json=False, against=empty)
    assert "| release |  | 46 files |  |  |  |" in capsys.readouterr().out
    kept.write_text("sizes: unknown command")
    for path in (kept, tmp_path / "missing.json"):
        with pytest.raises(BuildError, match="holds no figures"):
            figures.sizes(as_json=False, against=path)


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
