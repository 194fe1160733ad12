"""The example notebooks run from top to bottom, without a screen and against a stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support.venue import MARKET
from tools.build.console import ROOT
from tools.replay.exchanges import Replay

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture(autouse=True)
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with Replay(MARKET, "bybit") as replay:
        replay.start()
        monkeypatch.setenv("LIQMAP_ORIGINS", f"bybit={replay.origin}")
        monkeypatch.setenv("PYTHONPATH", str(ROOT / "www" / "py"))
        monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        yield


def test_there_are_three() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["first_map", "judging", "own_model"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of Jupyter's own packages
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_draws(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    assert not any(cell.get("outputs") for cell in notebook.cells), "kept without what it printed"
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [one for cell in notebook.cells for one in cell.get("outputs", [])]
    drawn = [
        one for one in outputs if "application/vnd.bokehjs_exec.v0+json" in one.get("data", {})
    ]
    assert len(drawn) == {"first_map": 2}.get(path.stem, 1)
    errors = [one for one in outputs if one.output_type == "stream" and one.name == "stderr"]
    assert not errors, errors
