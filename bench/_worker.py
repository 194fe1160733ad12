"""A bare page whose module worker does only `loadPyodide` and `import numpy`.

The yardstick: the same files, and nothing of ours in the way.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

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
    """Serve the bare page beside the built site's runtime."""
    with TemporaryDirectory(dir=DIST.parent / ".cache") as name:
        folder = Path(name)
        shutil.copytree(DIST / "runtime", folder / "runtime", copy_function=os.link)
        (folder / "index.html").write_text(_PAGE)
        (folder / "worker.mjs").write_text(_WORKER)
        with Site(folder) as server:
            server.start()
            yield server
