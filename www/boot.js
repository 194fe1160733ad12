// What cannot wait for Python: the theme of the link, and the empty figure.
const root = document.documentElement;
const asked = new URLSearchParams(location.search).get("theme");
if (["dark", "light", "auto"].includes(asked)) root.dataset.theme = asked;

const figure = (async () => {
  const item = await (await fetch("figure.json")).json();
  if (document.readyState === "loading")
    await new Promise(done => document.addEventListener("DOMContentLoaded", done));
  return (await Bokeh.embed.embed_item(item, "plot"))[0] ?? null;
})();

// All storage of the page. A browser may forbid it by throwing, which MicroPython cannot catch.
function kept(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function keep(name, text) {
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

// Whether there is room for an image of a started Python, and none yet.
async function wantsImage() {
  try {
    return !await caches.has("liqmap-snapshot");
  } catch {
    return false;
  }
}

// What Python and the other scripts share; `worker` and `picture` come later.
Object.assign(liqmap, {worker: null, picture: null, figure, kept, keep, wantsImage});
