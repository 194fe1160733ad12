"""What the worker uses of the browser, as Pyodide shows it."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Self

class Buffer:
    def to_bytes(self) -> bytes: ...

class EarlyAnswer:
    url: str
    status: int
    body: Buffer

class Json:
    def to_py(self) -> dict[str, Any]: ...

class Object:
    fromEntries: Callable[..., object]

class URL:
    host: str
    href: str
    @classmethod
    def new(cls, url: str, base: str = ...) -> Self: ...

class AbortController:
    signal: object
    @classmethod
    def new(cls) -> Self: ...
    def abort(self) -> None: ...

class Headers:
    def get(self, name: str) -> str | None: ...

class Response:
    status: int
    ok: bool
    headers: Headers
    @classmethod
    def new(cls, content: object) -> Self: ...
    def arrayBuffer(self) -> Awaitable[Buffer]: ...
    def json(self) -> Awaitable[Json]: ...

class Request:
    url: str

class MessageEvent:
    data: object

class CloseEvent:
    code: int
    reason: str

class WebSocket:
    OPEN: int
    readyState: int
    @classmethod
    def new(cls, url: str) -> Self: ...
    def addEventListener(self, name: str, handler: object) -> None: ...
    def removeEventListener(self, name: str, handler: object) -> None: ...
    def send(self, text: str) -> None: ...
    def close(self) -> None: ...

class Cache:
    def match(self, url: str) -> Awaitable[Response | None]: ...
    def put(self, url: str, reply: Response) -> Awaitable[None]: ...
    def delete(self, url: str) -> Awaitable[bool]: ...
    def keys(self) -> Awaitable[Iterable[Request]]: ...

class CacheStorage:
    def open(self, name: str) -> Awaitable[Cache]: ...

caches: CacheStorage
liqmapBase: str

def fetch(url: str, options: object = ...) -> Awaitable[Response]: ...
def postMessage(message: object, transfer: object) -> None: ...
