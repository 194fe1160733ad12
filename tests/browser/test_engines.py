"""The page works: in Chromium always, with `--engines all` in Firefox and WebKitGTK too."""

from __future__ import annotations

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
