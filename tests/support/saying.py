"""Say something to the page as its worker would, with what CPython computed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from playwright.sync_api import Page

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


def say(page: Page, message: dict[str, Any]) -> None:
    """Hand a message with numpy arrays to the page's Python."""
    page.evaluate(_SAY, _plain(message))


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        values = [None if math.isnan(one) else one for one in value.tolist()]
        return {"$kind": value.dtype.name, "$values": values}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value
