"""The page in another language, and where its catalogue does not come."""

from __future__ import annotations

import gettext
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from liqmap import language, words
from tests.browser.conftest import PHONE
from tests.support.clipped import clipped, full
from tests.support.small_page import show_small
from tools.build import languages, sentences, site
from tools.build.console import DIST
from tools.build.server import Site

WORDS = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode, within = at.parentElement;
    const silent = within.closest("script, style, noscript, textarea, py-config, [translate=no]");
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
    found = page.evaluate(WORDS)
    assert len(found) > 250
    assert [one for one in found if not (one.startswith("⟦") and one.endswith("⟧"))] == []


@pytest.mark.allow_errors("404")
def test_without_its_catalogue_the_page_speaks_english(unspoken: Page, served: Site) -> None:
    speaking(unspoken, served.address, "es", None)
    unspoken.goto(served.address + "?lang=es")
    unspoken.evaluate("liqmap.spoken")
    expect(unspoken.locator("#levels-title")).to_contain_text("Largest clusters")
    assert unspoken.evaluate("document.documentElement.dataset.state") != "failed"


@contextmanager
def spoken(page: Page, tag: str) -> Iterator[None]:
    """Messages of this process in the language and the forms of a page."""
    with (DIST / "languages" / f"{tag}.mo").open("rb") as file:
        said = gettext.GNUTranslations(file)
    language.use(said.gettext, said.ngettext)
    words.use(json.loads(page.evaluate("liqmap.forms()")))
    try:
        yield
    finally:
        language.use(language.english, language.english_count)
        words.use(words.ENGLISH)


@pytest.mark.parametrize(
    ("tag", "size"), [*((tag, (360, 740)) for tag in languages.tags()), ("ru", (1440, 900))]
)
def test_no_word_of_any_language_is_cut(
    opened: Callable[..., Page], served: Site, tag: str, size: tuple[int, int]
) -> None:
    page = opened(**PHONE) if size[0] < 640 else opened()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(served.address + f"?lang={tag}")
    with spoken(page, tag):
        show_small(page, served.address + f"?lang={tag}")
        full(page)
        assert dict(clipped(page)) == {}


@pytest.mark.parametrize(
    ("locale", "lang", "numbers"),
    [
        ("zh-TW", "zh-Hant", "zh-TW"),
        ("zh-CN", "zh-Hans", "zh-CN"),
        ("es-MX", "es", "es-MX"),
        ("ru", "ru", "ru"),
        ("de-DE", "en", "en-US"),
    ],
)
def test_the_page_speaks_the_browser_s_language_where_it_knows_it(
    opened: Callable[..., Page], served: Site, locale: str, lang: str, numbers: str
) -> None:
    page = opened(locale=locale)
    page.goto(served.address)
    assert page.evaluate("[document.documentElement.lang, liqmap.locale]") == [lang, numbers]


def test_numbers_are_those_of_the_locale(unspoken: Page, served: Site) -> None:
    unspoken.goto(served.address + "?lang=ru")
    forms = json.loads(unspoken.evaluate("liqmap.forms()"))
    words.use(forms)
    try:
        said = [words.usd(74.2e6), words.number(78_706.8, 1), words.percent(-0.033, 1)]
        assert [one.replace("\u00a0", " ") for one in said] == ["74,2 млн $", "78 706,8", "−3,3 %"]
    finally:
        words.use(words.ENGLISH)


def test_another_language_is_chosen_in_the_settings_and_stays_in_the_link(
    visit: Callable[..., Page],
) -> None:
    page = visit("?venue=demo&lang=ru")
    assert page.evaluate(r"/[а-яё]{4}/i.test(document.querySelector('#status').innerText)")
    assert "млн" in page.locator("#legend-high").input_value()
    page.evaluate("document.querySelector('#settings').open = true")
    page.locator("[name=lang]").select_option("tr")
    page.wait_for_function("document.documentElement.lang === 'tr'")
    page.wait_for_selector("html[data-state=ready]", state="attached")
    assert "lang=tr" in page.url
    assert page.locator("[name=lang]").input_value() == "tr"
    expect(page.locator("#levels-title")).to_contain_text("küme")
