"""Archives of the runtime as they are shipped: without what the page never imports.

What is left out and what keeps its docstrings, runtime.toml says beside the pin. The archive
that was published is verified before; what is made of it has its own sha256 in the manifest.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from tools.build import archive, bare, runtime
from tools.build.console import CACHE, BuildError, say


def shipped(package: runtime.Package, file: runtime.File, store: Path = CACHE / "trimmed") -> bytes:
    """A file of the package: an archive that is trimmed, or what was published."""
    content = runtime.stored(file).read_bytes()
    if not is_trimmed(package, file):
        return content
    key = hashlib.sha256(file.sha256.encode())
    for part in (package.left_out, package.replaced, package.verbatim):
        key.update(repr(part).encode())
    for module in (__file__, bare.__file__, archive.__file__):
        key.update(Path(module).read_bytes())
    kept = store / key.hexdigest()
    if not kept.exists():
        say(f"trimming {Path(file.path).name}")
        runtime.write(kept, archive.zipped(_trimmed(content, package)))
    return kept.read_bytes()


def is_trimmed(package: runtime.Package, file: runtime.File) -> bool:
    """Whether it is an archive of a package of which something is left out."""
    return bool(package.left_out) and Path(file.path).suffix in {".zip", ".whl"}


def _trimmed(content: bytes, package: runtime.Package) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as published:
        files = {name: published.read(name) for name in published.namelist() if name[-1] != "/"}
    every = (*package.left_out, *package.replaced, *package.verbatim)
    if unused := [one for one in every if not any(fnmatchcase(name, one) for name in files)]:
        raise BuildError(f"runtime.toml, {package.name}: nothing matches {', '.join(unused)}")
    return {
        name: _bare(name, content, package)
        for name, content in files.items()
        if name in package.replaced or not _matches(name, package.left_out)
    }


def _bare(name: str, content: bytes, package: runtime.Package) -> bytes:
    if name in package.replaced:
        return package.replaced[name].encode()
    if not name.endswith(".py") or _matches(name, package.verbatim):
        return content
    return bare.bare(content)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, one) for one in patterns)
