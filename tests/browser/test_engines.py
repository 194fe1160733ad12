"""The page works: in Chromium always, with `--engines all` in Firefox and WebKitGTK too."""

from __future__ import annotations

from tests.browser.conftest import Timers
from tests.support.engines import Engine, wait_for
from tools.build.server import Site

READY = "document.documentElement.dataset.state === 'ready'"
# Bokeh draws on canvases inside shadow roots; a drawn heatmap has many colours.
COLOURS = """(() => {
  const colours = new Set();
  const look = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) look(element.shadowRoot);
      if (element.tagName !== 'CANVAS' || !element.width || !element.height) continue;
      const {data} = element.getContext('2d').getImageData(0, 0, element.width, element.height);
      for (let i = 0; i < data.length; i += 4 * 97) {
        if (data[i + 3]) colours.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
      }
    }
  };
  look(document.querySelector('#plot'));
  return colours.size;
})()"""


def control(name: str) -> str:
    """The value of a control, as an expression."""
    return f"new FormData(document.querySelector('#view')).get('{name}')"


def test_the_page_boots_draws_and_keeps_its_link(engine: Engine, served: Site) -> None:
    """A control changes the address; that address, opened anew, sets the control."""
    engine.goto(served.address + "?symbol=ETH-USDT-PERP")
    wait_for(engine, READY)
    assert engine.evaluate(control("symbol")) == "ETH-USDT-PERP"
    wait_for(engine, f"{COLOURS} > 50")
    assert engine.evaluate("document.querySelectorAll('#levels tbody tr').length") > 0

    engine.evaluate("document.querySelector('#view [name=range][value=\"3d\"]').click()")
    wait_for(engine, "location.search.includes('range=3d')")
    wait_for(engine, READY)

    address = engine.evaluate("location.href")
    engine.goto("about:blank")
    engine.goto(address)
    wait_for(engine, READY)
    assert engine.evaluate(control("range")) == "3d"
    assert engine.evaluate(control("symbol")) == "ETH-USDT-PERP"
    wait_for(engine, f"{COLOURS} > 50")


KEPT = """(() => {
  caches.open("liqmap-snapshot").then(one => one.keys()).then(all => { window.kept = all.length; });
  return window.kept;
})()"""


def test_a_second_visit_draws_the_same_from_the_kept_image(
    engine: Engine, served: Site, timers: Timers
) -> None:
    """Where there is room for one: WebKitGTK keeps nothing that long, and starts plainly."""
    timers["snapshot_s"] = 0.0
    engine.goto(served.address)
    wait_for(engine, READY)
    wait_for(engine, "document.documentElement.dataset.keeping === ''")
    wait_for(engine, "document.documentElement.dataset.keeping === undefined")
    wait_for(engine, f"{KEPT} !== undefined")
    kept = engine.evaluate("window.kept")
    engine.goto("about:blank")
    engine.goto(served.address)
    wait_for(engine, READY)
    assert engine.evaluate("document.documentElement.dataset.restored") == ("" if kept else None)
    wait_for(engine, f"{COLOURS} > 50")
