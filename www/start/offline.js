// What this browser keeps of the page. It may forbid each of these by throwing, which MicroPython
// cannot catch: nothing here throws, and what happened is told by the event `liqmap-stored`.
const tell = what => dispatchEvent(new CustomEvent("liqmap-stored", {detail: what}));
const tried = make => { try { return make(); } catch { return undefined; } };
const workers = tried(() => navigator.serviceWorker);  // private windows have none
const tabs = tried(() => new BroadcastChannel("liqmap-stored"));
const shown = document.documentElement.dataset;

if (tabs) tabs.onmessage = () => tell("cleared");

// A file was lost that only the next release has. A page that shows nothing yet begins anew, even
// one that lacks the scripts beside this one.
workers?.addEventListener("message", () => {
  if (shown.drawn === undefined) location.reload();
  else tell("replaced");
});

// Have the page's files kept by sw.js, so that the page opens without a network.
async function keepPage() {
  try {
    const found = await workers.register("sw.js");
    const newer = () => { if (found.waiting && found.active) tell("newer"); };
    const answers = new MessageChannel();
    answers.port1.onmessage = ({data}) => { tell(data ? "kept" : "refused"); newer(); };
    (found.active ?? found.waiting ?? found.installing).postMessage(`keep ${liqmap.language}`, [answers.port2]);
    found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", newer));
    addEventListener("focus", () => found.update().catch(() => {}));  // a tab may stay open for days
  } catch { /* forbidden: the page needs its network */ }
}

// Have the other tabs clear everything, too.
const clearTabs = () => tried(() => tabs?.postMessage("cleared"));

// Delete all of ours, whoever put it there; this page keeps nothing any more.
async function deleteStored() {
  cleared = true;
  const ours = name => name.startsWith("liqmap-");
  tried(() => Object.keys(localStorage).filter(ours).forEach(name => localStorage.removeItem(name)));
  try {
    await (await workers?.getRegistration("./"))?.unregister();
    for (const name of await caches.keys()) if (ours(name)) await caches.delete(name);
  } catch { /* forbidden: then nothing is there */ }
}

Object.assign(liqmap, {keepPage, clearTabs, deleteStored});
