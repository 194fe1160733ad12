"""Words can be read and a focus seen: the contrast of every colour with every ground of the page.

As WCAG 2.2 computes it: 4.5 for words, 3 for what shows the focus.
"""

from __future__ import annotations

import re
from itertools import product

import pytest

from tests.conftest import ROOT
from tools.build import page, site

STYLES = "\n".join(
    (ROOT / "www" / name).read_text() for name in ("style.css", "phone.css", "embed.css")
)
GROUNDS = ("ground", "panel", "line")
ON_A_COLOUR = {"on-accent": ("accent",), "ground": ("text",)}
"""Words on what is no ground of others: the button that shares, the tag of the price."""


def colors(theme: str) -> dict[str, str]:
    """The variables of a theme, as the built page has them: the dark one stands for both."""
    built = page.render((ROOT / "www" / "index.html").read_text(), site.catalogue())
    registry = re.search(r"<style>:root \{(.*?)\}", built)
    assert registry
    blocks = [registry[1], *re.findall(r"^:root \{(.*?)^\}", STYLES, re.MULTILINE | re.DOTALL)]
    if theme == "light":
        blocks += re.findall(r'^:root\[data-theme="light"\] \{(.*?)\}', STYLES, re.M | re.DOTALL)
    found = re.findall(r"--([\w-]+): (#\w+)", " ".join(blocks))
    return dict(found)


def luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(2 * one for one in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def used(declaration: str) -> set[str]:
    """The variables that the style sheets use as a colour of this kind."""
    return set(re.findall(rf"(?<![\w-]){declaration}: var\(--([\w-]+)\)", STYLES))


def test_the_formula_is_the_one_of_wcag() -> None:
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_colour_of_words_can_be_read_on_every_ground(theme: str) -> None:
    known = colors(theme)
    words = used("color") - ON_A_COLOUR.keys()
    assert words == {"text", "quiet", "accent", "long", "short"}
    assert used("background") - set(GROUNDS) <= {"accent", "text", "leverage"}
    pairs = [*product(words, GROUNDS)]
    pairs += [(word, ground) for word, grounds in ON_A_COLOUR.items() for ground in grounds]
    low = {
        (word, ground): ratio
        for word, ground in pairs
        if (ratio := contrast(known[word], known[ground])) < 4.5
    }
    assert low == {}


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_focus_is_seen_on_every_ground(theme: str) -> None:
    known = colors(theme)
    assert "outline: 2px solid var(--focus)" in STYLES
    for ground in GROUNDS:
        assert contrast(known["focus"], known[ground]) >= 3, ground


def test_light_colours_are_the_same_whether_they_are_chosen_or_the_systems() -> None:
    chosen, found = (
        re.search(pattern, STYLES, re.DOTALL)
        for pattern in (
            r'\n:root\[data-theme="light"\] \{(.*?)\}',
            r'\n  :root\[data-theme="auto"\] \{\n    color-scheme(.*?)\}',
        )
    )
    assert chosen
    assert found
    pairs = [dict(re.findall(r"--([\w-]+): (#\w+)", one[1])) for one in (chosen, found)]
    assert pairs[0] == pairs[1]
