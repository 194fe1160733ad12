"""The names of pyodide.ffi that liqmap uses."""

from collections.abc import Callable
from typing import Any

class JsProxy:
    def __getattr__(self, name: str) -> Any: ...

class JsException(Exception):
    name: str
    message: str
    js_error: Any

jsnull: JsProxy

def to_js(obj: Any, *, depth: int = -1, dict_converter: Any = None) -> Any: ...
def create_proxy(obj: Any) -> Any: ...
def create_once_callable(obj: Callable[..., Any]) -> Any: ...
def can_run_sync() -> bool: ...
def run_sync(awaitable: Any) -> Any: ...
