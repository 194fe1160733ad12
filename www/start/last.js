// What is on screen until Python has drawn, in the theme of the link: the last picture of this view,
// else an example.
const root = document.documentElement, box = document.getElementById("last");
const asked = new URLSearchParams(location.search).get("theme");
if (["dark", "light", "auto"].includes(asked)) root.dataset.theme = asked;
const {say} = liqmap;
const CACHE = "liqmap-last", MOST = 6, SOON_MS = 3000, MINUTE_MS = 60000;
const address = () => new URL(`last-picture${location.search}`, document.baseURI).href;
let latest = null;  // the picture that was kept last
let cleared = false;  // whether the visitor wants nothing to be kept any more

function age(minutes) {
  const [amount, unit] = minutes < 60 ? [minutes, "minute"]
    : minutes < 1440 ? [minutes / 60, "hour"] : [minutes / 1440, "day"];
  return new Intl.RelativeTimeFormat(liqmap.locale).format(-Math.max(1, Math.round(amount)), unit);
}

async function showLast() {
  const reply = await (await caches.open(CACHE)).match(address());
  if (!reply || globalThis.liqmap?.picture) return;
  const about = JSON.parse(decodeURIComponent(reply.headers.get("X-About")));
  const image = box.querySelector("img");
  image.src = URL.createObjectURL(await reply.blob());
  await image.decode();
  box.className = "kept";
  if (root.dataset.state === "booting") root.dataset.state = "stale";
  box.querySelector("figcaption").textContent =
    say("Last picture: {title}, {time}, {age}",
      {title: about.title, time: about.time, age: age((Date.now() - about.at_ms) / MINUTE_MS)});
  const table = document.querySelector("#levels tbody");
  if (!table.children.length) for (const cells of about.levels) {
    const row = document.createElement("tr");
    for (const text of cells) row.append(Object.assign(document.createElement("td"), {textContent: text}));
    table.append(row);
  }
}

// A simulation is not kept: it is there at any time.
async function keepPicture() {
  const {picture} = liqmap;
  if (cleared || !picture || liqmap.front() !== "heat" || picture === latest || picture.watermark || root.dataset.state !== "ready") return;
  latest = picture;
  const {canvas} = liqmap.layout().export("png", true);
  const blob = await new Promise(done => canvas.toBlob(done, "image/webp", 0.9));
  const about = {
    at_ms: Date.now(), title: document.getElementById("title").textContent, time: liqmap.instantAt(-1),
    levels: [...document.querySelectorAll("#levels tbody tr")].map(
      row => [...row.cells].map(cell => cell.textContent)),
  };
  const store = await caches.open(CACHE), headers = {"X-About": encodeURIComponent(JSON.stringify(about))};
  await store.delete(address());
  await store.put(address(), new Response(blob, {headers}));
  const keys = await store.keys();
  for (const key of keys.slice(0, Math.max(0, keys.length - MOST))) await store.delete(key);
}

const quietly = work => work().catch(() => {});  // a page without storage has no last picture
quietly(showLast);
let soon = null;
new MutationObserver(() => {
  if (root.dataset.state === "ready") soon ??= setTimeout(() => quietly(keepPicture), SOON_MS);
}).observe(root, {attributeFilter: ["data-state"]});
document.addEventListener("visibilitychange", () => { if (document.hidden) quietly(keepPicture); });
