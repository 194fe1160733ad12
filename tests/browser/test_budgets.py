"""What a first visit costs: every request counted where it arrives."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tools.build import budgets, site
from tools.build.server import Site


def test_a_first_visit_is_within_its_budget(
    visit: Visit, opened: Callable[..., Page], served: Site
) -> None:
    served.requests.clear()
    page = visit(on=opened(warm=False))
    page.wait_for_load_state("networkidle")
    figures = budgets.of_visit(served.requests, site.files())
    assert "runtime/pyodide/pyodide.asm.wasm" in served.requests
    limits = budgets.budgets()
    for name, value in figures.items():
        assert value <= limits[name].limit, limits[name].verdict(value)
