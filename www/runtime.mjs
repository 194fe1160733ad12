// PyScript's interpreter: Pyodide from our own folder, with progress and a clear failure.
import {loadPyodide as load, version} from "./runtime/pyodide/pyodide.mjs";
export {version};

const base = new URL("./", import.meta.url).href;
const folder = base + "runtime/pyodide/";
globalThis.liqmapBase = base;

const manifest = fetch(base + "manifest.json").then(reply => reply.json());
const say = message => postMessage(
  {kind: "boot", loaded: 0, total: 0, failed: "", restored: false, ...message});

// Count what arrives; the original response goes on untouched, so that the browser may
// compile it while it streams and keep the compiled code.
function counted(total) {
  const plain = globalThis.fetch;
  let loaded = 0;
  globalThis.fetch = async (input, options) => {
    const reply = await plain(input, options);
    const url = input?.url ?? String(input);
    if (url.startsWith(folder)) count(reply.clone(), url.slice(folder.length));
    return reply;
  };
  async function count(copy, name) {
    const reader = copy.body.getReader();
    let part = await reader.read();
    if (!copy.ok || (name.endsWith(".wasm") && !startsAsWasm(part.value)))
      damaged(new Error(`${name} did not arrive whole (${copy.status})`));
    for (; !part.done; part = await reader.read()) {
      loaded += part.value.byteLength;
      say({loaded, total});
    }
  }
  return () => { globalThis.fetch = plain; };
}

const startsAsWasm = bytes => bytes && String.fromCharCode(...bytes.slice(0, 4)) === "\0asm";

// Pyodide waits without end for an engine that is missing or damaged; this does not.
let damaged;
const broken = new Promise((_, reject) => { damaged = reject; });
broken.catch(() => {});

async function snapshot() {
  try {
    const reply = await caches.match(`${folder}snapshot-${version}`);
    if (reply) return new Uint8Array(await reply.arrayBuffer());
    await caches.delete("liqmap-snapshot");  // of another version
  } catch {
    return undefined;  // no storage for this page
  }
}

// An image that does not fit is dropped; the plain start always remains.
async function restored(options, image) {
  try {
    const python = await load({...options, _loadSnapshot: image});
    say({restored: true});
    return python;
  } catch {
    await caches.delete("liqmap-snapshot");
    return load(options);
  }
}

export async function loadPyodide(options) {
  try {
    const {files} = await manifest;
    const parts = Object.entries(files).filter(([path]) => /^runtime\/pyodide\/.*(wasm|zip|whl)$/.test(path));
    const stop = counted(parts.reduce((sum, [, file]) => sum + file.bytes, 0));
    const ours = {...options, indexURL: folder, packageBaseUrl: folder};
    const image = await snapshot();
    const start = image ? restored(ours, image) : load(ours);
    const python = await Promise.race([start, broken]);
    stop();
    return python;
  } catch (error) {
    say({failed: String(error)});
    throw error;
  }
}
