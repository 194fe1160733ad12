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

// Pixels on a desk and on a phone.
const SIZES = {map: ["width", 230, 84], past: ["width", 76, 36], strip: ["height", 124, 92]};
let view, doc, frame;
const named = name => doc.get_model_by_name(name);

figure.then(async embedded => {
  view = embedded ?? [...Bokeh.index.roots][0];
  doc = view.model.document;
  const narrow = matchMedia("(max-width: 640px)");
  const fit = () => {
    for (const [name, [side, desk, phone]] of Object.entries(SIZES))
      named(name)[side] = narrow.matches ? phone : desk;
    named("color_bar").visible = !narrow.matches;
    named("heat").min_border_left = narrow.matches ? 4 : 64;
    named("map_ticks").desired_num_ticks = narrow.matches ? 1 : 3;
    named("past_caption").text = narrow.matches ? "Past" : "Happened";
    named("time_ticks").desired_num_ticks = narrow.matches ? 3 : 8;
    named("watermark").text_font_size = narrow.matches ? "14px" : "22px";
  };
  narrow.addEventListener("change", fit);
  fit();
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", theme);
});

function theme() {
  const light = getComputedStyle(root).colorScheme === "light";
  const ink = light ? "#151a26" : "#ffffff", ground = light ? "#ffffff" : "#10131c";
  for (const name of ["spot_line", "spot_line_map", "spot_line_past"]) named(name).line_color = ink;
  named("spot_tag").setv({background_fill_color: ink, text_color: ground});
  const quiet = getComputedStyle(root).getPropertyValue("--quiet");
  named("color_bar").major_label_text_color = quiet;
  for (const name of ["strip_caption", "past_caption"]) named(name).text_color = quiet;
  for (const plot of view.child_views ?? []) plot.repaint?.();
}

function put(name, data) {
  named(name).setv({data}, {check_eq: false});
}

// Columns into named sources, ends into named ranges; a zoom of someone's is kept.
function fill({sources, ranges}, zoomable = []) {
  for (const [name, data] of Object.entries(sources ?? {})) put(name, data);
  for (const [name, [start, end]] of Object.entries(ranges ?? {})) {
    const range = named(name), reset = {reset_start: start, reset_end: end};
    const zoomed = range.start !== range.reset_start || range.end !== range.reset_end;
    range.setv(zoomed && zoomable.includes(name) ? reset : {start, end, ...reset});
  }
}

// A picture as `liqmap.picture.draw` describes it.
function paint(picture) {
  liqmap.picture = picture;
  const {image, colors} = picture;
  const {Uint32NDArray} = Bokeh.require("core/util/ndarray");
  const pixels = new Uint32NDArray(image.rgba.buffer, [image.rows, image.columns]);
  put("image", {image: [pixels], x: [image.x], y: [image.y], dw: [image.dw], dh: [image.dh]});
  named("colors").palette = colors.palette;
  const bar = named("color_bar");
  bar.ticker.ticks = colors.ticks;
  bar.major_label_overrides = new Map(colors.ticks.map((at, i) => [at, colors.labels[i]]));
  named("price_format").format = picture.price_format;
  for (const name of ["spot_line", "spot_line_map", "spot_line_past"])
    named(name).setv({location: picture.spot, visible: true});
  named("spot_tag").setv({y: picture.spot, text: priceWords(picture.spot), visible: true});
  named("watermark").setv({text: picture.watermark, visible: picture.watermark !== ""});
  fill(picture, frame === picture.frame ? ["time_range", "price_range"] : []);
  frame = picture.frame;
  theme();
  keepSnapshot();
}

// `78,706.8`: as many decimals as the picture's contract has.
function priceWords(price) {
  const digits = liqmap.picture.decimals;
  const options = {minimumFractionDigits: digits, maximumFractionDigits: digits};
  return price.toLocaleString("en-US", options);
}

// Once all is quiet: an image of a started Pyodide for the next visit.
let keeping = false;
function keepSnapshot() {
  if (keeping || navigator.connection?.saveData || !globalThis.caches) return;
  keeping = true;
  (async () => {
    const {timers} = await (await fetch("site.json")).json();
    await new Promise(done => setTimeout(done, 1000 * (timers.snapshot_s ?? 15)));
    if (await caches.has("liqmap-snapshot").catch(() => true)) return;
    const worker = new Worker("snapshot.mjs", {type: "module"});
    root.dataset.keeping = "";
    worker.onmessage = worker.onerror = () => {
      worker.terminate();
      delete root.dataset.keeping;
    };
  })();
}

// The column under an event. It takes the event, and its time never visits MicroPython, which
// cuts whole milliseconds to 32 bits.
const columnAt = ({x: time}) => {
  const {x, dw, columns} = liqmap.picture.image;
  return Math.floor((time - x) / dw * columns);
};

// Since when a band is there, and what became of it: as long as half of what waits at this place
// and time is there, it is the same band. Its leverages are known of now.
function storyAt(column, row) {
  const {image: {quote, columns}, leverages, times} = liqmap.picture;
  const band = quote.subarray(row * columns, (row + 1) * columns);
  const less = amount => amount < band[column] / 2;
  const begin = band.subarray(0, column).findLastIndex(less) + 1;
  const gone = band.findIndex((amount, at) => at > column && less(amount));
  const since = `since ${begin ? "" : "before "}${times[begin]}`;
  if (gone >= 0) return `${since}, more than half gone by ${times[gone]}`;
  return leverages[row] ? `${since}, now mostly ${leverages[row]}` : since;
}

// What is said of the marks near an event on the picture, and of the bars at its time.
function marksAt({x, y}) {
  const {events, accounts} = Object.fromEntries(["events", "accounts"].map(n => [n, named(n).data]));
  const heat = named("heat"), time = named("time_range"), price = named("price_range");
  const dx = (time.end - time.start) / heat.inner_width;
  const dy = (price.end - price.start) / heat.inner_height;
  const event = i => Math.hypot((events.time[i] - x) / dx, (events.price[i] - y) / dy) < 13;
  const line = i => x >= accounts.x0[i] && Math.abs(accounts.y[i] - y) < 4 * dy;
  return [...events.words.filter((_, i) => event(i)), ...accounts.words.filter((_, i) => line(i))];
}
const barsAt = ({x: time}) => ["liq_long top", "liq_short bottom"].map(words => {
  const [name, edge] = words.split(" "), bars = named(name).data;
  const at = Array.from(bars.time).findIndex((t, i) => Math.abs(t - time) <= bars.width[i] / 1.6);
  return at < 0 ? 0 : Math.abs(bars[edge][at]);
});

async function png() {
  const drawn = view.export("png", true).canvas;
  const band = 30 * devicePixelRatio, style = getComputedStyle(root);
  const sheet = new OffscreenCanvas(drawn.width, drawn.height + band);
  const context = sheet.getContext("2d");
  context.fillStyle = style.getPropertyValue("--ground");
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(drawn, 0, band);
  context.fillStyle = style.getPropertyValue("--text");
  context.font = `${band * 0.45}px ${style.fontFamily}`;
  const words = [document.title, liqmap.picture?.times.at(-1) + " UTC", "an estimate"];
  context.fillText(words.join(" · "), band / 3, band * 0.66);
  return sheet.convertToBlob({type: "image/png"});
}

function save(content, name) {
  const href = URL.createObjectURL(new Blob([content]));
  const link = Object.assign(document.createElement("a"), {href, download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}

globalThis.liqmap = {worker: null, picture: null, figure, paint, fill, priceWords, columnAt, storyAt,
  marksAt, barsAt, theme, png, save, named: name => named(name)};
