// Before any Python: the empty figure, the theme, and one function that paints a picture.
const root = document.documentElement;
const asked = new URLSearchParams(location.search).get("theme");
if (["dark", "light", "auto"].includes(asked)) root.dataset.theme = asked;

const figure = (async () => {
  const item = await (await fetch("figure.json")).json();
  if (document.readyState === "loading")
    await new Promise(done => document.addEventListener("DOMContentLoaded", done));
  return (await Bokeh.embed.embed_item(item, "plot"))[0] ?? null;
})();

const PHONE_MAP_PX = 92, MAP_PX = 230;
let view, doc, frame;
const named = name => doc.get_model_by_name(name);

figure.then(async embedded => {
  view = embedded ?? [...Bokeh.index.roots][0];
  doc = view.model.document;
  const narrow = matchMedia("(max-width: 640px)");
  const fit = () => {
    named("map").width = narrow.matches ? PHONE_MAP_PX : MAP_PX;
    named("color_bar").visible = !narrow.matches;
    named("heat").min_border_left = narrow.matches ? 4 : 64;
    named("map_ticks").desired_num_ticks = narrow.matches ? 1 : 3;
    named("time_ticks").desired_num_ticks = narrow.matches ? 3 : 8;
  };
  narrow.addEventListener("change", fit);
  fit();
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", theme);
});

function theme() {
  const light = getComputedStyle(root).colorScheme === "light";
  const ink = light ? "#151a26" : "#ffffff", ground = light ? "#ffffff" : "#10131c";
  for (const name of ["spot_line", "spot_line_map"]) named(name).line_color = ink;
  named("spot_tag").setv({background_fill_color: ink, text_color: ground});
  for (const plot of view.child_views ?? []) plot.repaint?.();
}

function put(name, data) {
  named(name).setv({data}, {check_eq: false});
}

// A picture as `liqmap.picture.draw` describes it.
function paint(picture) {
  liqmap.picture = picture;
  const {image, colors, ranges} = picture;
  const {Uint32NDArray} = Bokeh.require("core/util/ndarray");
  const pixels = new Uint32NDArray(image.rgba.buffer, [image.rows, image.columns]);
  put("image", {image: [pixels], x: [image.x], y: [image.y], dw: [image.dw], dh: [image.dh]});
  for (const [name, data] of Object.entries(picture.sources)) put(name, data);
  named("colors").palette = colors.palette;
  const bar = named("color_bar");
  bar.ticker.ticks = colors.ticks;
  bar.major_label_overrides = new Map(colors.ticks.map((at, i) => [at, colors.labels[i]]));
  named("price_format").format = picture.price_format;
  for (const name of ["spot_line", "spot_line_map"])
    named(name).setv({location: picture.spot, visible: true});
  const price = picture.spot.toLocaleString("en-US",
    {minimumFractionDigits: picture.decimals, maximumFractionDigits: picture.decimals});
  named("spot_tag").setv({y: picture.spot, text: price, visible: true});
  named("watermark").setv({text: picture.watermark, visible: picture.watermark !== ""});
  for (const [name, [start, end]] of Object.entries(ranges)) {
    const range = named(name), reset = {reset_start: start, reset_end: end};
    const zoomed = range.start !== range.reset_start || range.end !== range.reset_end;
    const kept = zoomed && frame === picture.frame && ["time_range", "price_range"].includes(name);
    range.setv(kept ? reset : {start, end, ...reset});
  }
  frame = picture.frame;
  theme();
  keepSnapshot();
}

// Once all is quiet: an image of a started Pyodide for the next visit.
let keeping = false;
function keepSnapshot() {
  if (keeping || navigator.connection?.saveData || !globalThis.caches) return;
  keeping = true;
  setTimeout(async () => {
    if (await caches.has("liqmap-snapshot").catch(() => true)) return;
    const worker = new Worker("snapshot.mjs", {type: "module"});
    root.dataset.keeping = "";
    worker.onmessage = worker.onerror = () => {
      worker.terminate();
      delete root.dataset.keeping;
    };
  }, 15_000);
}

// The column under a time; here, because MicroPython cuts whole milliseconds to 32 bits.
const columnAt = time => {
  const {x, dw, columns} = liqmap.picture.image;
  return Math.floor((time - x) / dw * columns);
};

async function png() {
  const drawn = view.export("png", true).canvas;
  const sheet = new OffscreenCanvas(drawn.width, drawn.height);
  const context = sheet.getContext("2d");
  context.fillStyle = getComputedStyle(root).getPropertyValue("--ground");
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(drawn, 0, 0);
  return sheet.convertToBlob({type: "image/png"});
}

function save(content, name) {
  const href = URL.createObjectURL(new Blob([content]));
  const link = Object.assign(document.createElement("a"), {href, download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

globalThis.liqmap = {figure, paint, columnAt, theme, png, save, named: name => named(name)};
