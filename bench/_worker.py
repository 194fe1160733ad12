"""A bare page whose module worker does only `loadPyodide` and `import numpy`.

The yardstick: Pyodide and numpy as they are published, and nothing of ours in the way.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.build import runtime
from tools.build.console import DIST
from tools.build.server import Site

_PAGE = """<!doctype html><html data-state="loading"><title>bare</title>
<script type="module">
  const worker = new Worker("./worker.mjs", {type: "module"});
  const waiting = [];
  worker.onmessage = ({data}) => {
    if (data === "ready") document.documentElement.dataset.state = "ready";
    else waiting.shift()(data);
  };
  window.run = (code, files) => new Promise((done) => {
    waiting.push(done);
    worker.postMessage({code, files});
  });
</script></html>"""

_WORKER = """import {loadPyodide} from "./runtime/pyodide/pyodide.mjs";
const pyodide = await loadPyodide({packages: ["numpy"]});
pyodide.runPython("import numpy");
self.onmessage = async ({data: {code, files}}) => {
  for (const [path, text] of Object.entries(files)) pyodide.FS.writeFile(path, text);
  await pyodide.loadPackage("liqmap", {messageCallback() {}});
  self.postMessage(pyodide.runPython(code));
};
self.postMessage("ready");
"""


@contextmanager
def bare_site() -> Iterator[Site]:
    """Serve the bare page beside the published runtime and our wheel."""
    lock = json.loads((DIST / "manifest.json").read_text())["lock"]
    with TemporaryDirectory(dir=DIST.parent / ".cache") as name:
        folder = Path(name)
        pyodide = folder / "runtime" / "pyodide"
        pyodide.mkdir(parents=True)
        for package in runtime.packages():
            for file in package.files:
                if Path(file.path).parent.name == pyodide.name:
                    os.link(runtime.stored(file), folder / file.path)
                if package.name == "numpy":
                    lock["packages"]["numpy"]["sha256"] = file.sha256
        wheel = lock["packages"]["liqmap"]["file_name"]
        os.link(DIST / "runtime" / "pyodide" / wheel, pyodide / wheel)
        (pyodide / "pyodide-lock.json").write_text(json.dumps(lock))
        (folder / "index.html").write_text(_PAGE)
        (folder / "worker.mjs").write_text(_WORKER)
        with Site(folder) as server:
            server.start()
            yield server
