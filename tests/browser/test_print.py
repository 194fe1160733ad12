"""A printed page: one, light, and the screen is as before."""

from __future__ import annotations

import re

from playwright.sync_api import Page

# After the page's own listeners: what it is that will be printed.
_LOOK = """addEventListener("beforeprint", () => {
  const canvas = document.querySelector("#paper canvas"), {width, height} = canvas;
  const {data} = canvas.getContext("2d").getImageData(0, 0, width, height);
  const pixels = new Uint32Array(data.buffer), colors = liqmap.picture.colors.on_paper;
  const count = color => pixels.reduce((sum, one) => sum + (one === color), 0);
  globalThis.printed = {
    words: document.querySelector("#paper figcaption").textContent,
    dark: count(colors.at(255)), light: count(colors.at(-1)), corner: pixels.at(-1),
  };
})"""
_IMAGE = "Array.from(liqmap.named('image').data.image[0])"


def test_a_dark_picture_is_one_light_page_with_its_time_and_address(shown: Page) -> None:
    before = shown.evaluate(_IMAGE)
    shown.evaluate(_LOOK)
    text = shown.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", text)) == 1
    printed = shown.evaluate("printed")
    assert printed["words"].startswith("Estimated, bars to ")
    assert printed["words"].endswith(f" UTC. {shown.url}")
    assert printed["corner"] == 0xFFFFFFFF
    assert printed["light"] > printed["dark"] == 0
    assert shown.evaluate("document.documentElement.dataset.theme") == "dark"
    assert shown.locator("#paper").count() == 0
    assert shown.evaluate(_IMAGE) == before
