// Tells the worker what the picture is shown on, and which part of it is seen. Times are whole
// milliseconds, which MicroPython would cut to 32 bits.
const {named} = liqmap;
const PAUSE_MS = 150;
const zoom = document.querySelector("[name=zoom]");
let told = "null", whole = null, due = 0;

const soon = act => { clearTimeout(due); due = setTimeout(act, PAUSE_MS); };

// The plot's inner size, and whether the system asks for light colours.
async function tellScreen() {
  if (!named("heat").visible) return;
  const {inner_width, inner_height} = named("heat");
  const light = matchMedia("(prefers-color-scheme: light)").matches;
  await liqmap.worker?.screen(inner_width, inner_height, light);
}

const ranges = () => [named("time_range"), named("price_range")];
const seen = () => ranges().flatMap(({start, end}) => [start, end]);
const all = () => ranges().flatMap(range => [range.reset_start, range.reset_end]);

// Put what the page alone decides into the form and the link; an empty value takes it out.
function putInLink(name, value) {
  document.querySelector(`[name=${name}]`).value = value;
  const link = new URL(location);
  if (value) link.searchParams.set(name, value);
  else link.searchParams.delete(name);
  history.replaceState(null, "", link);
}

// The worker draws the part that is seen anew; the link names it.
function tellWindow() {
  if (!liqmap.picture) return;
  const ends = seen(), window = JSON.stringify(ends.join() === all().join() ? null : ends);
  if (window === told) return;
  liqmap.worker?.zoom(told = window);
  const [begin, end, low, high] = ends, figures = price => +price.toPrecision(7);
  putInLink("zoom", window === "null" ? ""
    : [Math.floor(begin / 1000), Math.ceil(end / 1000), figures(Math.max(low, 0)), figures(high)].join("_"));
}

// Show the part that the link names.
function zoomAsAsked() {
  if (!zoom.value) return;
  const [begin, end, low, high] = zoom.value.split("_").map(Number), [time, price] = ranges();
  time.setv({start: 1000 * begin, end: 1000 * end});
  price.setv({start: low, end: high});
}

// Where the image does not reach, the whole picture is shown until the worker has another.
function onMove() {
  const {picture} = liqmap;
  if (picture?.detail && whole?.frame === picture.frame) {
    const {x, y, dw, dh} = picture.image, [begin, end, low, high] = seen();
    const first = whole.image.x, last = first + whole.image.dw * (1 - 1 / whole.image.columns);
    const within = Math.max(begin, first) >= x && Math.min(end, last) <= x + dw
      && Math.max(low, 0) >= y && high <= y + dh;
    if (!within) liqmap.paint(whole);
  }
  soon(tellWindow);
}

// A picture has come: a new frame is seen as a whole.
function onPicture(picture) {
  if (!picture.detail) whole = picture;
}

liqmap.figure.then(() => {
  for (const range of ranges()) range.change.connect(onMove);
  named("heat").properties.visible.change.connect(() => setTimeout(tellScreen, PAUSE_MS));
  new ResizeObserver(() => setTimeout(tellScreen, PAUSE_MS)).observe(document.getElementById("plot"));
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", tellScreen);
});
Object.assign(liqmap, {tellScreen, onPicture, putInLink, zoomAsAsked});
