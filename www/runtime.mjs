// PyScript's interpreter: Pyodide from our own folder, with progress and a clear failure. Every
// file is compared with what was published before any of it runs.
import {loadPyodide as load, version} from "./runtime/pyodide/pyodide.mjs";
export {version};

const base = new URL("./", import.meta.url).href;
const folder = base + "runtime/pyodide/";
globalThis.liqmapBase = base;
// PyScript waits for a database that it never uses with our settings; where storage is forbidden, that
// throws. This one is always there and always empty.
const answered = result => {
  const request = {};
  Promise.resolve().then(() => request.onsuccess({target: {result}}));
  return request;
};
const nothing = {getAllKeys: () => answered([]), clear: () => answered()};
const database = {transaction: () => ({objectStore: () => nothing}), close() {}};
Object.defineProperty(globalThis, "indexedDB", {value: {open: () => answered(database)}});

const manifest = fetch(base + "manifest.json").then(reply => reply.json());
manifest.catch(() => {});  // said by `start`
const say = message => postMessage(
  {kind: "boot", loaded: 0, total: 0, failed: "", file: "", restored: false, ...message});

// Only a secure page can compute sums; elsewhere the length has to do.
async function sum(bytes) {
  const hashed = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hashed, byte => byte.toString(16).padStart(2, "0")).join("");
}

// The bytes of a reply, as published.
async function asPublished(reply, listed, arrived = () => {}) {
  if (!reply.ok) throw new Error(`the server says ${reply.status}`);
  if (!listed) throw new Error("not in manifest.json");
  const {bytes, sha256} = listed;
  const content = new Uint8Array(bytes), reader = reply.body.getReader();
  let at = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (at + part.value.length > bytes) throw new Error(`longer than ${bytes} bytes`);
    content.set(part.value, at);
    at += part.value.length;
    arrived(part.value.length);
  }
  if (at < bytes) throw new Error(`${at} of ${bytes} bytes`);
  if (globalThis.crypto?.subtle && await sum(content) !== sha256) throw new Error("other bytes");
  return content;
}

// While Pyodide starts: compare what it fetches, and fail where it would wait without end.
function compared(files, tell) {
  const plain = globalThis.fetch, {instantiateStreaming} = WebAssembly, compiled = new WeakMap();
  const parts = Object.entries(files).filter(([path]) => /^runtime\/pyodide\/.*(asm\.mjs|wasm|zip|whl)$/.test(path));
  const total = parts.reduce((all, [, file]) => all + file.bytes, 0);
  let loaded = 0, fail;
  const failure = new Promise((_, reject) => { fail = reject; });
  failure.catch(() => {});
  const arrived = bytes => tell({loaded: loaded += bytes, total});

  globalThis.fetch = async (input, options) => {
    const url = input?.url ?? String(input), file = url.slice(base.length);
    if (!url.startsWith(folder)) return plain(input, options);
    const blame = error => {
      fail(Object.assign(error, {file}));
      throw error;
    };
    const reply = await plain(input, options).catch(blame);
    const verdict = asPublished(reply.clone(), files[file], arrived).catch(blame);
    verdict.catch(() => {});
    if (!url.endsWith(".wasm")) await verdict;
    else {
      // The original goes on untouched: a browser compiles it while it streams, and keeps the code.
      const module = WebAssembly.compileStreaming(reply)
        .catch(async () => WebAssembly.compile(await verdict));  // of a wrong type
      module.catch(() => {});
      compiled.set(reply, {module, verdict});
    }
    return reply;
  };
  WebAssembly.instantiateStreaming = async (source, imports) => {
    try {
      const {module, verdict} = compiled.get(await source);
      await verdict;
      const instance = await WebAssembly.instantiate(await module, imports), {memory} = instance.exports;
      const lacking = room - (memory?.buffer.byteLength ?? room);
      if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
      return {module: await module, instance};
    } catch (error) {
      fail(error);
      throw error;
    }
  };
  const stop = () => {
    globalThis.fetch = plain;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
  return {failure, stop};
}

// Bytes of an image that is about to be restored: Pyodide begins with 31 MB and does not ask for more.
let room = 0;

// Pyodide with these options; `tell` hears how far it is.
export async function start(options, tell = () => {}) {
  const {files, lock} = await manifest.catch(error => {
    throw Object.assign(error, {file: "manifest.json"});
  });
  const {failure, stop} = compared(files, tell);
  const script = folder + "pyodide.asm.mjs";
  const engine = fetch(script).then(() => import(script));  // compared, then from the browser's memory
  engine.catch(() => {});
  const createPyodideModule = async settings => (await engine).default(settings);
  const own = {createPyodideModule, indexURL: folder, packageBaseUrl: folder, lockFileContents: lock};
  const started = load({...options, ...own});
  try {
    return await Promise.race([started, failure]);
  } finally {
    stop();
  }
}

// Files of this release whose path matches: path and bytes of each.
export async function published(pattern) {
  const {files} = await manifest;
  const paths = Object.keys(files).filter(path => pattern.test(path));
  return Promise.all(paths.map(async path => [path, await asPublished(await fetch(base + path), files[path])]));
}

// An image of a started Python with compiled code of this release, in Cache Storage, which may be
// missing, throw or never answer.
const STORE = "liqmap-snapshot", PATIENCE_MS = 2000;
const READING_MS = 6000;  // 36 MB, which a busy computer reads while it compiles
const named = async () => `${folder}snapshot-${(await manifest).version}`;

export async function keep(image, files) {
  const bytes = await new Blob([image, ...files.map(([, content]) => content)]).arrayBuffer();
  const sizes = JSON.stringify([["", image.length], ...files.map(([path, content]) => [path, content.length])]);
  const headers = {sha256: await sum(bytes), sizes};
  await caches.delete(STORE);
  await (await caches.open(STORE)).put(await named(), new Response(bytes, {headers}));
}

// The image, and files beside it by path.
async function read(reply) {
  const bytes = new Uint8Array(await reply.arrayBuffer());
  if (await sum(bytes) !== reply.headers.get("sha256")) throw new Error("damaged");
  let at = 0;
  const cut = ([path, size]) => [path, bytes.subarray(at, at += size)];
  const [[, image], ...files] = JSON.parse(reply.headers.get("sizes")).map(cut);
  return {image, files};
}

async function forget() {
  await caches.delete(STORE);
}

const late = ms => new Promise(done => setTimeout(done, ms));

// An image that does not fit is dropped; the plain start always remains. It has the packages.
async function restored(options) {
  const found = (async () => caches.match(await named()))();
  const reply = await Promise.race([found, late(PATIENCE_MS)]).catch(() => {});
  if (!reply) return void forget().catch(() => {});  // of another release, if there is one
  const content = Promise.race([read(reply), late(READING_MS)]), image = content.then(kept => kept.image);
  image.then(one => { room = one.length; }, () => {});  // what fails is said by `start`
  try {
    const python = await start({...options, packages: [], _loadSnapshot: image}, say);
    for (const [path, bytes] of (await content).files) {
      python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
      python.FS.writeFile(path, bytes);
    }
    say({restored: true});
    return python;
  } catch (error) {
    if (error.file) throw error;
    if (await content.catch(() => true)) forget().catch(() => {});  // a late one may be in time next visit
  }
}

export async function loadPyodide(options) {
  try {
    return await restored(options) ?? await start(options, say);
  } catch (error) {
    say({failed: String(error), file: error.file ?? ""});
    throw error;
  }
}
