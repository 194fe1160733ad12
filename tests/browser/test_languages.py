"""The page in another language, and where its catalogue does not come."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tools.build import sentences, site
from tools.build.server import Site

WORDS = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode, within = at.parentElement;
    const silent = within.closest("script, style, noscript, textarea, py-config");
    if (!silent && /\\p{L}{2}/u.test(at.data))
      found.push(at.data.trim());
  }
  for (const one of document.querySelectorAll("[aria-label], [title], [placeholder]"))
    for (const name of ["aria-label", "title", "placeholder"])
      if (/\\p{L}{2}/u.test(one.getAttribute(name) ?? "")) found.push(one.getAttribute(name));
  return found;
}"""


def pseudo(said: list[sentences.Sentence]) -> str:
    """A catalogue whose every sentence stands in brackets, each text of it for itself."""
    found = {one.one: bracketed(one.one) for one in said}
    return json.dumps({"plural": ["one", "other"], "sentences": found})


def bracketed(text: str) -> str:
    """`⟦Read⟧<1>⟦it⟧</1>`."""
    parts = sentences.TAG.split(text)
    return "".join(
        one if sentences.TAG.fullmatch(one) or not one.strip() else f"⟦{one}⟧" for one in parts
    )


def speaking(page: Page, address: str, tag: str, catalogue: str | None) -> None:
    """Have a page know a language, and its catalogue, or none."""

    def known(route: Route) -> None:
        reply = route.fetch()
        text = reply.text().replace('data-languages="', f'data-languages="{tag} ', 1)
        route.fulfill(response=reply, body=text)

    page.route(lambda url: url.split("?")[0] == address, known)
    answer = {"status": 404} if catalogue is None else {"json": json.loads(catalogue)}
    page.route(f"**/languages/{tag}.json", lambda route: route.fulfill(**answer))


def test_every_word_of_the_empty_page_is_of_the_catalogue(unspoken: Page, served: Site) -> None:
    page = unspoken
    speaking(page, served.address, "es", pseudo(site.said()[1]))
    page.goto(served.address + "?lang=es")
    page.evaluate("liqmap.spoken")
    assert page.evaluate("document.documentElement.lang") == "es"
    words = page.evaluate(WORDS)
    assert len(words) > 250
    assert [one for one in words if not (one.startswith("⟦") and one.endswith("⟧"))] == []


@pytest.mark.allow_errors("404")
def test_without_its_catalogue_the_page_speaks_english(unspoken: Page, served: Site) -> None:
    speaking(unspoken, served.address, "es", None)
    unspoken.goto(served.address + "?lang=es")
    unspoken.evaluate("liqmap.spoken")
    expect(unspoken.locator("#levels-title")).to_contain_text("Largest clusters")
    assert unspoken.evaluate("document.documentElement.dataset.state") != "failed"
