"""Run once in the Python of which an image is kept: what the next visit's start need not do again.

Modules of the standard library are imported. Those of the packages cannot be, since an image holds
no code from C: they are compiled, and found in the image when they are imported. Libraries from C
are unpacked to where they are looked for; the file system is no part of the image, so whoever
keeps it keeps these files beside it. The wheels stand in the root folder.
"""

import sys
import zipfile
from importlib import import_module
from importlib.abc import InspectLoader
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

for name in (
    *("ast", "asyncio", "collections.abc", "contextlib", "ctypes", "dataclasses", "datetime"),
    *("difflib", "functools", "inspect", "json", "numbers", "pickle", "platform", "random"),
    *("shutil", "sysconfig", "textwrap", "urllib.parse", "warnings"),
):
    import_module(name)

(SITE,) = (path for path in sys.path if path.endswith("site-packages"))
compiled: dict[str, CodeType] = {}
"""By the path of the file."""


class Kept(InspectLoader):
    """Finds modules in the image, and runs them."""

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        place = f"{SITE}/{name.replace('.', '/')}"
        for path, inside in ((f"{place}/__init__.py", [place]), (f"{place}.py", None)):
            if path in compiled:
                return spec_from_file_location(
                    name, path, loader=self, submodule_search_locations=inside
                )
        return None

    def get_code(self, name: str) -> CodeType:
        place = f"{SITE}/{name.replace('.', '/')}"
        return compiled.get(f"{place}.py") or compiled[f"{place}/__init__.py"]

    def get_source(self, _name: str) -> None:
        """Not kept: a traceback has line numbers without lines."""


for wheel in Path("/").glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for path in archive.namelist():
            if path.endswith(".py"):
                place = f"{SITE}/{path}"
                compiled[place] = compile(archive.read(path), place, "exec", dont_inherit=True)
            elif path.endswith(".so"):
                archive.extract(path, SITE)
sys.meta_path.insert(0, Kept())
