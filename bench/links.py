"""Random links: whatever stands behind the question mark, a view and plain words come out.

    python -m bench.links [--links 100000] [--seed 0]

The package understands each, and the page's own Python puts each into the form, as it does before
the worker has spoken.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Iterable, Iterator
from itertools import islice

from playwright.sync_api import Page, sync_playwright

from liqmap.data.search import choose
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View
from tests.support.engines import launched
from tests.support.listing import instrument_of
from tests.support.odd_links import odd_links, odd_texts
from tests.support.worker import await_listener, silence
from tools.build import site
from tools.build.server import Site

LINKS = 100_000
A_CALL = 500
LONGEST = 300
"""Characters of what may be shown of a link in one sentence."""
_MIRROR = """() => new Promise(done => {
  window.mirrorReady = done;
  const script = document.createElement("script");
  script.type = "mpy";
  script.textContent = `
from page import form
from pyscript import ffi, window
window.mirrorLink = ffi.create_proxy(form.mirror_link)
window.mirrorReady()
`;
  document.body.append(script);
})"""
_LOOP = """links => {
  const kept = () => Array.from(document.querySelectorAll("*"), element => element.tagName
    + element.getAttributeNames().filter(name => name !== "hidden"));
  const before = kept();
  for (const link of links) {
    try {
      mirrorLink(new URL(`?${link}`, document.baseURI).search);  // as an address holds it
    } catch (error) {
      return `${JSON.stringify(link)}: ${error}`;
    }
  }
  if (window.hit !== undefined) return "a script of a link ran";
  const changed = kept().find((one, at) => one !== before[at]);
  return changed ? `a link changed ${changed}` : "";
}"""


def read_links(links: Iterable[str]) -> int:
    """How many links leave something to say; raises where one does harm."""
    said = 0
    with warnings.catch_warnings(action="error"):
        for link in links:
            view, notices = View.read(link)
            said += bool(notices)
            query = view.to_query()
            assert View.read(query) == (view, ()), link
            for text in (*notices, *view.controls().values(), query):
                assert text.isprintable(), link
                assert len(text) < LONGEST, link
    return said


def read_texts(texts: Iterable[str]) -> int:
    """How many typed texts are a contract's name; raises where one does harm."""
    listed = tuple(instrument_of(adapter) for adapter in ADAPTERS.values())
    named = 0
    with warnings.catch_warnings(action="error"):
        for text in texts:
            _, notices = View.read(View.with_symbol("venue=demo&range=7d", choose(listed, text)))
            assert all(notice.isprintable() for notice in notices), text
            named += not notices
    return named


def put_into_form(page: Page, links: Iterable[str]) -> None:
    """Let the page's own Python put links into the form; raises where one does harm."""
    page.evaluate(_MIRROR)
    left = iter(links)
    while some := list(islice(left, A_CALL)):
        harm = page.evaluate(_LOOP, some)
        assert not harm, harm


def figures(links: int = LINKS, seed: int = 0) -> Iterator[tuple[str, float]]:
    """Seconds for so many links, in the package and in the form, and the share with complaints."""
    began = time.perf_counter()
    said = read_links(odd_links(links, seed))
    yield "links_read_s", time.perf_counter() - began
    yield "links_with_notices_ratio", said / links
    named = read_texts(odd_texts(links, seed))
    yield "links_typed_names_ratio", named / links
    site.build()
    with Site() as server, sync_playwright() as playwright, launched(playwright) as browser:
        server.start()
        page = browser.new_page()
        silence(page.context)
        page.goto(server.address)
        await_listener(page)
        began = time.perf_counter()
        put_into_form(page, odd_links(links, seed))
        yield "links_in_form_s", time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=LINKS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name, value in figures(options.links, options.seed):
        print(f"{name:<30} {value:>10,.4g}", flush=True)
