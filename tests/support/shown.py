"""What a test reads from the page, and waits for."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from playwright.sync_api import Page

STATUS = "document.querySelector('#status').textContent"
_IMAGE = """async () => {
  const base64 = array => new Promise(done => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob([array]));
  });
  const held = liqmap.named("image").data.image[0];
  const {quote, rows, columns} = liqmap.picture.image;
  return [await base64(held), await base64(quote), [rows, columns]];
}"""


def await_state(page: Page, state: str) -> None:
    """Until `<html data-state>` is this; says what the page says when it never is."""
    try:
        page.wait_for_selector(f"html[data-state={state}]", state="attached")
    except Exception as error:
        now = page.evaluate(
            "[document.documentElement.dataset.state, document.querySelector('#status')?.innerText]"
        )
        raise AssertionError(f"the page never became {state}; now {now}") from error


def image(page: Page) -> tuple[Any, Any, list[int]]:
    """Pixels and amounts of the picture on screen, and its shape; read back from Bokeh."""
    rgba, quote, shape = page.evaluate(_IMAGE)
    return (
        np.frombuffer(base64.b64decode(rgba), np.uint32),
        np.frombuffer(base64.b64decode(quote), np.float32),
        shape,
    )


def ask_health(page: Page) -> None:
    """Have every venue asked, until each has an answer."""
    page.evaluate("document.querySelector('#venues').open = true")
    page.click("#health-ask")
    page.wait_for_function(
        """() => {
          const states = [...document.querySelectorAll('#health tbody tr')].map(
            row => row.cells[1].textContent);
          return states.length === 10 && !states.includes('asking');
        }"""
    )
