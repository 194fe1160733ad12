// In an idle, throw-away worker: keep an image of a started Pyodide, so that the next visit
// starts in a third of the time. A damaged or foreign image is dropped by runtime.mjs.
import {keep, published, start} from "./runtime.mjs";

const python = await start({_makeSnapshot: true}), {FS} = python;
for (const [path, bytes] of await published(/\.whl$/)) FS.writeFile("/" + path.split("/").pop(), bytes);
const [[, program]] = await published(/^py\/image\.py$/);
python.runPython(new TextDecoder().decode(program));
const libraries = python.runPython("'\\n'.join(str(path) for path in Path(SITE).rglob('*.so'))").split("\n");
await keep(python.makeMemorySnapshot(), libraries.map(path => [path, FS.readFile(path)]));
postMessage("kept");
