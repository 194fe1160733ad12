"""What the code can read, the built page offers and is allowed to reach: nothing is forgotten."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from liqmap.estimate.api import MODELS
from liqmap.picture.document import SIZES_PX
from liqmap.picture.liquidation_map import ALPHAS
from liqmap.picture.palettes import LONG_COLOR, PALETTES, SHORT_COLOR
from liqmap.venues.adapter import Adapter
from liqmap.venues.registry import HOSTS, IN_BROWSER
from liqmap.view import RANGES_MS, View
from tests.conftest import ROOT
from tools.build import page, site
from tools.build.console import BuildError

TEMPLATE = (ROOT / "www" / "index.html").read_text()
PAGE = page.render(TEMPLATE, site.catalogue())

adapters = pytest.mark.parametrize("adapter", IN_BROWSER.values(), ids=lambda one: one.venue)


class Form(HTMLParser):
    """What a page lets a visitor choose: value, title and whether it is chosen, by control.

    A form of a panel's own is none of the view.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.offered: dict[str, list[tuple[str, str, bool]]] = {}
        self.shown: dict[str, str] = {}
        self._select = self._value = ""
        self._chosen, self._form = False, ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._form = given["id"] or ""
        if self._form not in ("", "view"):
            return
        name = given.get("name") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" or given.get("type") in ("radio", "checkbox"):
            if tag == "input":
                self._select = name
            self._value = given.get("value") or ""
            self._chosen = "selected" in given or "checked" in given
        elif tag == "input" and name:
            self.shown[name] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""

    def handle_data(self, data: str) -> None:
        if self._value and self._select:  # what has no name is no setting
            item = (self._value, data.strip(), self._chosen)
            self.offered.setdefault(self._select, []).append(item)
            self._value = ""


FORM = Form(PAGE)


def choices(name: str) -> list[tuple[str, str]]:
    return [(value, title) for value, title, _ in FORM.offered[name]]


def test_venues_models_palettes_and_ranges_are_the_registries_in_their_order() -> None:
    assert choices("venue") == [
        ("auto", "Automatic"),
        ("all", "All venues merged"),
        *((one.venue, one.title) for one in IN_BROWSER.values()),
        ("demo", "Simulated"),
    ]
    models = [(name, one.title) for name, one in MODELS.items()]
    assert choices("model") == models
    assert choices("versus") == [("none", "Nothing"), *models]
    assert choices("palette") == [(name, one.title) for name, one in PALETTES.items()]
    assert choices("range") == [(name, name) for name in RANGES_MS]


def test_what_is_offered_can_be_read_and_is_the_default_where_it_is_chosen() -> None:
    """Every choice of the form gives a view without a complaint; the form begins with View()."""
    default = View()
    shown = default.controls()
    for name, offered in FORM.offered.items():
        for value, _, chosen in offered:
            assert View.read(f"{name}={value}")[1] == ()
            assert chosen == (value in shown[name].split("-")), (name, value)
    for name, value in FORM.shown.items():
        assert value == shown[name], name
    assert FORM.offered.keys() | FORM.shown.keys() == shown.keys()


def test_the_key_and_the_sizes_are_the_figure_s() -> None:
    key = re.findall(r'<i style="opacity:(\d+)%"></i>(.*?)</label>', PAGE)
    names = ("&lt;3×", "3–5×", "5–10×", "10–25×", "25–50×", "50–100×", "&gt;100×")
    assert [(int(percent) / 100, name) for percent, name in key] == list(
        zip(ALPHAS, names, strict=True)
    )
    assert f"--long: {LONG_COLOR}; --short: {SHORT_COLOR}" in PAGE
    for name, (side, desk, phone) in SIZES_PX.items():
        assert f"&quot;{name}&quot;: [&quot;{side}&quot;, {desk}, {phone}]" in PAGE


def test_the_page_may_connect_to_the_venues_and_to_nobody_else() -> None:
    policy = re.search(r"connect-src ([^;]*);", PAGE)
    assert policy
    assert policy[1].split() == ["'self'", *HOSTS]


@adapters
def test_a_venue_is_documented(adapter: Adapter) -> None:
    """With a line in the table of docs/reference/exchanges.md."""
    table = (ROOT / "docs" / "reference" / "exchanges.md").read_text()
    assert re.search(rf"^\| {adapter.title} \|", table, flags=re.MULTILINE)


def test_a_title_cannot_break_the_page() -> None:
    catalogue = site.catalogue()
    (venue,) = (one for one in catalogue["settings"] if one["name"] == "venue")
    venue["options"][0] |= {"value": '"a', "title": "<b>&amp"}
    rendered = page.render(TEMPLATE, catalogue)
    assert '<option value="&quot;a" selected>&lt;b&gt;&amp;amp</option>' in rendered
    assert Form(rendered).offered["venue"][1:] == FORM.offered["venue"][1:]


def test_a_placeholder_that_nothing_fills_fails_the_build() -> None:
    with pytest.raises(BuildError, match="nonsense"):
        page.render(TEMPLATE + "{{nonsense}}", site.catalogue())


def test_a_setting_that_is_not_offered_fails_the_build() -> None:
    with pytest.raises(BuildError, match="does not offer the setting palette"):
        page.render(TEMPLATE.replace("{{select palette}}", ""), site.catalogue())
