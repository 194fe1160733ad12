"""The names of pyodide.ffi that liqmap uses."""

from collections.abc import Callable
from typing import Any, Protocol

class JsException(Exception): ...

class _Proxy(Protocol):
    """A function as JavaScript calls it, until it is destroyed."""

    def destroy(self) -> None: ...

def to_js(obj: object, *, dict_converter: Callable[..., object] | None = None) -> Any: ...
def create_proxy(obj: Callable[..., object]) -> _Proxy: ...
