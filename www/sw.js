// Keeps one release of this site, whole, so that it opens without a network. What a page under
// this worker loads of the site is this release's or nothing: a page never mixes two. A newer
// release has a worker of its own, which waits until no page is under this one. Requests to other
// origins are not touched.

const RELEASE = "{{release}}";  // sha256 of manifest.json, which has the sha256 of every file
const BASE = new URL("./", location).href;
const PREFIX = `liqmap-release ${BASE} `, NAME = PREFIX + RELEASE;

const address = path => BASE + path;
// The documents beside the page are no part of a release: the network's, as without a worker.
const ours = ({url}) => url.startsWith(BASE) && !url.startsWith(address("docs/"));
const kept = (path, cacheName = NAME) =>
  caches.match(address(path), {cacheName, ignoreVary: true}).catch(() => undefined);

// Storage may never answer, as in some private windows. What has not come after a moment is passed
// over, so that the network is asked; after one such wait the moments are short.
const PATIENCE_MS = 2000, LONGEST_MS = 15000;
let silent = false;
async function soon(answer, patience_ms = silent ? 50 : PATIENCE_MS) {
  const late = new Promise(done => setTimeout(done, patience_ms, soon));
  const found = await Promise.race([answer, late]);
  silent = found === soon;
  return silent ? undefined : found;
}

const asked = path => fetch(address(path), {cache: "no-cache"});

async function digest(bytes) {
  const parts = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(parts, one => one.toString(16).padStart(2, "0")).join("");
}

const fits = async (reply, sha256) =>
  reply.ok && await digest(await reply.clone().arrayBuffer()) === sha256;

// A file from the network, if it is this release's. The response stays the original one, so that
// the browser may keep compiled code with it; only a redirected one may not open a page.
async function fetched(path, sha256) {
  const reply = await asked(path);
  if (!await fits(reply, sha256)) throw new Error(`${path} is not of this release`);
  return reply.redirected ? new Response(reply.body, reply) : reply;
}

async function files() {
  const reply = await soon(kept("manifest.json")) ?? await fetched("manifest.json", RELEASE);
  return (await reply.json()).files;
}

// ---------------------------------------------------------------- keeping a release

let filling;

// All files at once or none; several calls are one. Those that did not change since an older
// release are taken from there.
function fill() {
  filling ??= fillOnce().finally(() => { filling = undefined; });
  return filling;
}

async function fillOnce() {
  const older = (await caches.keys()).filter(name => name.startsWith(PREFIX) && name !== NAME);
  const begun = !await caches.has(NAME), cache = await caches.open(NAME);
  try {
    if (!await kept("manifest.json"))
      await cache.put(address("manifest.json"), await fetched("manifest.json", RELEASE));
    const entries = Object.entries(await files()).filter(([path]) => !path.startsWith("languages/"));
    await makeSure(entries.reduce((sum, [, file]) => sum + file.bytes, 0));
    for (const [path, {sha256}] of entries)
      if (!await kept(path))
        await cache.put(address(path), await unchanged(path, sha256, older) ?? await fetched(path, sha256));
    await newestSite();
  } catch (error) {
    if (begun) await caches.delete(NAME);
    throw error;
  }
}

// The sentences of the visitor's language; without them the page speaks English.
async function fillLanguage(tag) {
  for (const [path, {sha256}] of Object.entries(await files()))
    if (path.startsWith(`languages/${tag}.`) && !await kept(path))
      await (await caches.open(NAME)).put(address(path), await fetched(path, sha256));
}

async function unchanged(path, sha256, names) {
  for (const name of names) {
    const reply = await kept(path, name);
    if (reply && await fits(reply, sha256)) return reply;
  }
}

// As much again is left to what the visitor heard and loaded: that is worth more than this copy.
async function makeSure(bytes) {
  const {quota, usage} = await navigator.storage?.estimate?.() ?? {};
  if (quota - usage < 2 * bytes) throw new Error("no room");
}

async function forgetOlder() {
  for (const name of await caches.keys())
    if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
}

addEventListener("install", event => event.waitUntil(fill()));
addEventListener("activate", event => event.waitUntil(soon(forgetOlder())));
addEventListener("message", event => {
  if (event.data === "begin") skipWaiting();
  const answer = kept => event.ports[0].postMessage(kept);
  const [wish, tag] = event.data.split(" ");
  if (wish === "keep")
    event.waitUntil(fill().then(() => fillLanguage(tag)).then(() => answer(true), () => answer(false)));
});

// ---------------------------------------------------------------- answering a page

addEventListener("fetch", event => {
  const {request} = event;
  if (request.method !== "GET" || !ours(request)) return;
  let path = request.url.slice(BASE.length).replace(/[?#].*/s, "");
  if (!path.includes(".")) path = [...path.split("/").filter(Boolean), "index.html"].join("/");  // a folder
  event.respondWith(path === "site.json" ? newestSite() : own(request, path));
});

async function own(request, path) {
  if (request.mode === "navigate" && path === "index.html" && await mayBegin(request)) {
    turns += 1;
    registration.waiting?.postMessage("begin");
    return again();
  }
  const stored = kept(path), held = await soon(stored);
  if (held) return held;
  try {
    const listed = await files();
    if (!Object.hasOwn(listed, path)) return await fetch(request);
    const reply = await fetched(path, listed[path].sha256);
    await soon(keepIfPossible(path, reply));
    return reply;
  } catch {
    const slow = await soon(stored, LONGEST_MS);
    if (slow) return slow;
    return await replaced() ? leave(request) : Response.error();
  }
}

// A waiting release may begin when the only page is just being reloaded; another page, which would
// get its worker, too, must not be there. Until it has begun the address is asked for again.
let turns = 0;
async function mayBegin(request) {
  if (!registration.waiting || !(request.isReloadNavigation || turns) || turns > 50) return false;
  const open = await clients.matchAll({type: "window", includeUncontrolled: true});
  return open.filter(ours).length < 2;
}

// The same address again, which then is the business of another worker, or of none.
const again = () => new Response("<meta name=color-scheme content='dark'><link rel=icon href=data:,>",
  {headers: {"Content-Type": "text/html", Refresh: "0"}});

// What differs from server to server: the network's while there is one, and no portal's page.
async function newestSite() {
  try {
    const reply = await fetch(address("site.json"), {cache: "no-cache", signal: AbortSignal.timeout(3000)});
    await reply.clone().json();
    await soon(keepIfPossible("site.json", reply));
    return reply;
  } catch {
    return await soon(kept("site.json")) ?? Response.error();
  }
}

// Not where everything was cleared: that would begin it anew.
async function keepIfPossible(path, reply) {
  try {
    if (await caches.has(NAME)) await (await caches.open(NAME)).put(address(path), reply.clone());
  } catch { /* no room: asked for again next time */ }
}

// Whether another release stands where this one was; a portal that answers everything is none.
async function replaced() {
  try {
    const text = await (await asked("manifest.json")).arrayBuffer();
    return "files" in JSON.parse(new TextDecoder().decode(text)) && await digest(text) !== RELEASE;
  } catch {
    return false;
  }
}

// A file is lost that only another release could replace: the pages are told, the next one to be
// opened is the network's.
async function leave(request) {
  if (!await registration.unregister()) return Response.error();
  for (const page of await clients.matchAll({type: "window"})) page.postMessage("replaced");
  return request.mode === "navigate" ? again() : Response.error();
}
