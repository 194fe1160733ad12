"""The small picture on a page: what a worker would say of it, and where a place of it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from playwright.sync_api import Page

from liqmap.data.liquidations import Liquidations
from liqmap.picture.liquidation_chart import LiquidationChart, chart
from liqmap.picture.viewport import Screen
from liqmap.session.messages import Message, Status
from liqmap.session.panels import panels
from liqmap.session.state import State
from tests.support.small_picture import STEP, density
from tests.support.small_picture import shown as small_picture
from tests.support.worker import await_listener, say, silence

BEGIN = 0.0
FINE = Screen(1_100, 1_200)
"""On which each bin is a row."""


def picture(**options: Any) -> list[Message]:
    """A picture of three bars and four bins, as the session would send it."""
    state = State(shown=small_picture(**options), screen=FINE)
    said = [message for panel in panels() if (message := panel.update(state)) is not None]
    return [*said, Status("ready", "Ready.")]


def happened(*rows: tuple[float, float, float, float]) -> LiquidationChart:
    """Rows of (bar, side, price, quantity) in that picture."""
    bars, side, price, quantity = np.array(rows).reshape(-1, 4).T
    seen = Liquidations.sorted(BEGIN + STEP * bars, side, price, quantity)
    one = density()
    told = ["Bybit: all since this page was opened.", "Binance: at most one a second."]
    return chart(seen, one.time_edges_ms, one.price_edges, words=told, decimals=1)


def show_small(page: Page, address: str) -> Page:
    """Open the page with that picture, and nothing else that was ever said to it."""
    silence(page)
    page.goto(address)
    await_listener(page)
    say(page, happened(), *picture())
    return page


def at(page: Page, plot: str, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a place of a plot is."""
    left, top = page.evaluate(
        """([name, x, y]) => {
          const views = [];
          const walk = view => { views.push(view); (view.child_views ?? []).forEach(walk); };
          [...Bokeh.index.roots].forEach(walk);
          const view = views.find(one => one.model === liqmap.named(name));
          const {left, top} = view.canvas_view.el.getBoundingClientRect();
          const {x_scale, y_scale} = view.frame;
          return [left + x_scale.compute(x), top + y_scale.compute(y)];
        }""",
        [plot, x, y],
    )
    return left, top
