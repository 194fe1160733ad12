"""Run once in the Python of which an image is kept: what the next visit's start need not do again.

The modules that it imports come with the image. Those of the packages would bring code from C, of
which an image holds none, so they are only compiled, and run from there when they are imported.
The wheels stand in the root folder.
"""

import sys
import zipfile
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

for name in (
    *("ast", "asyncio", "collections.abc", "contextlib", "ctypes", "dataclasses", "datetime"),
    *("difflib", "functools", "inspect", "json", "numbers", "pickle", "platform", "random"),
    *("shutil", "sysconfig", "textwrap", "urllib.parse", "warnings"),
):
    import_module(name)

_compile = SourceFileLoader.source_to_code
_compiled: dict[str, CodeType] = {}


def _code(loader: SourceFileLoader, source: Any, path: Any, *rest: Any, **options: Any) -> CodeType:
    return _compiled.pop(path, None) or _compile(loader, source, path, *rest, **options)


(folder,) = (path for path in sys.path if path.endswith("site-packages"))
for wheel in Path("/").glob("*.whl"):
    with zipfile.ZipFile(wheel) as files:
        for name in files.namelist():
            if name.endswith(".py"):
                path = f"{folder}/{name}"
                _compiled[path] = compile(files.read(name), path, "exec", dont_inherit=True)
SourceFileLoader.source_to_code = _code  # type: ignore[assignment, method-assign]
