// PyScript's interpreter: Pyodide from our own folder, with progress and a clear failure.
import {loadPyodide as load, version} from "./runtime/pyodide/pyodide.mjs";
export {version};

const base = new URL("./", import.meta.url).href;
const folder = base + "runtime/pyodide/";
globalThis.liqmapBase = base;

const manifest = fetch(base + "manifest.json").then(reply => reply.json());
const say = message => postMessage({kind: "boot", ...message});

// Count what arrives; the original response goes on untouched, so that the browser may
// compile it while it streams and keep the compiled code.
function counted(total) {
  const plain = globalThis.fetch;
  let loaded = 0;
  globalThis.fetch = async (input, options) => {
    const reply = await plain(input, options);
    const url = input?.url ?? String(input);
    if (url.startsWith(folder) && reply.ok) count(reply.clone());
    return reply;
  };
  async function count(copy) {
    const reader = copy.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      loaded += part.value.byteLength;
      say({loaded, total});
    }
  }
  return () => { globalThis.fetch = plain; };
}

// Without this, a missing or damaged engine would be waited for without end.
async function guard() {
  const reply = await fetch(folder + "pyodide.asm.wasm");
  const reader = reply.body.getReader();
  const {value} = await reader.read();
  reader.cancel();
  if (!reply.ok || String.fromCharCode(...(value ?? []).slice(0, 4)) !== "\0asm")
    throw new Error(`pyodide.asm.wasm did not arrive whole (${reply.status})`);
}

async function snapshot() {
  const kept = await caches.open("liqmap-snapshot").catch(() => null);
  const reply = await kept?.match(`${folder}snapshot-${version}`);
  return reply && new Uint8Array(await reply.arrayBuffer());
}

export async function loadPyodide(options) {
  try {
    const {files} = await manifest;
    const parts = Object.entries(files).filter(([path]) => /^runtime\/pyodide\/.*(wasm|zip|whl)$/.test(path));
    const stop = counted(parts.reduce((sum, [, file]) => sum + file.bytes, 0));
    const ours = {...options, indexURL: folder, packageBaseUrl: folder};
    const image = await snapshot();
    await guard();
    const python = image
      ? await load({...ours, _loadSnapshot: image}).catch(async () => {
          await caches.delete("liqmap-snapshot");
          return load(ours);
        })
      : await load(ours);
    stop();
    return python;
  } catch (error) {
    say({failed: String(error)});
    throw error;
  }
}
