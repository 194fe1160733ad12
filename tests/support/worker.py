"""The worker's part, played by a test: it says what CPython computed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from playwright.sync_api import BrowserContext, Frame, Page

from liqmap.session.messages import Message, plain

_SAY = """message => {
  const kinds = {float64: Float64Array, float32: Float32Array, uint32: Uint32Array};
  const whole = value => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(whole);
    if (value.$values) return kinds[value.$kind].from(value.$values, one => one ?? NaN);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, whole(one)]));
  };
  document.querySelector("script[name=liqmap]").xworker
    .dispatchEvent(new MessageEvent("message", {data: whole(message)}));
}"""


_LISTENING = """() => {
  const worker = document.querySelector("script[name=liqmap]")?.xworker;
  const words = {kind: "status", state: "loading", sentence: "The worker is a test.",
    detail: "", retry: false, example: false, done: 0, total: 0};
  worker?.dispatchEvent(new MessageEvent("message", {data: words}));
  return document.querySelector("#status").textContent === words.sentence;
}"""
# The page's Python goes on once the figure is there.
_DRAWN = """async () => {
  await liqmap.figure;
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
}"""


def silence(pages: Page | BrowserContext) -> None:
    """Let the worker of the page, or of each of them, never begin: a test speaks for it."""
    pages.route("**/manifest.json", lambda _route: None)  # which it waits for


def await_listener(page: Page | Frame) -> None:
    """Until the page's own Python hears what its worker says."""
    page.wait_for_function(_LISTENING)
    page.evaluate(_DRAWN)


def say(page: Page | Frame, *messages: Message) -> None:
    """Hand messages to the page's Python, as the worker would."""
    for message in messages:
        page.evaluate(_SAY, _plain(plain(message)))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        values = [None if math.isnan(one) else one for one in value.tolist()]
        return {"$kind": value.dtype.name, "$values": values}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value
