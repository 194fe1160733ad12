// Fingers on the charts: one scrolls the page, a tap or a long press reads, two move and zoom, two taps
// refit. Bokeh would keep every touch to itself, so it hears of none; the mouse is Bokeh's alone.
const {named, stretch, readAt, refit} = liqmap;
const plot = document.getElementById("plot");
const PRESS_MS = 400, SLACK_PX = 10, TWICE_MS = 300, TWICE_PX = 40;
const down = new Map();  // where each finger is, by pointer
let on = null, begun = null;  // the chart and the place of the first one
let does = "";  // "waits", "reads", "zooms", or nothing
let pressed = 0, last = {time: -Infinity};

liqmap.figure.then(() => {
  const views = new Map(liqmap.layout().child_views.map(view => [view.canvas.events_el, view]));
  for (const area of views.keys()) area.style.touchAction = "pan-y";
  const hear = (name, act) => plot.addEventListener(name, event => {
    if (event.pointerType === "mouse") return;
    const view = views.get(event.composedPath()[0]);
    if (view && act(event, view) !== false) event.stopPropagation();
  }, {capture: true});
  hear("pointerdown", begin);
  hear("pointermove", move);
  hear("pointerup", event => lift(event, true));
  hear("pointercancel", event => lift(event, false));
  // A pen may hover, as a mouse does.
  for (const name of ["pointerover", "pointerout"]) hear(name, event => event.pointerType === "touch");
  // The page is not scrolled by a gesture that is the picture's, and no menu opens on a long press.
  plot.addEventListener("touchmove", event => {
    if (["reads", "zooms"].includes(does) && event.cancelable) event.preventDefault();
  }, {passive: false});
  plot.addEventListener("contextmenu", event => {
    if (down.size) event.preventDefault();
  });
  // The tools of the toolbar are for a mouse.
  const coarse = matchMedia("(hover: none)");
  const tools = () => {
    const location = coarse.matches || "embed" in document.documentElement.dataset ? null : "above";
    if (named("heat").toolbar_location !== location) named("heat").toolbar_location = location;
  };
  coarse.addEventListener("change", tools);
  tools();
});

function place({clientX, clientY}, view) {
  const {left, top} = view.canvas.events_el.getBoundingClientRect();
  return [clientX - left, clientY - top];
}

const apart = ([x, y], [toX, toY]) => Math.hypot(toX - x, toY - y);
const between = ([x, y], [toX, toY]) => [(x + toX) / 2, (y + toY) / 2];

function begin(event, view) {
  if (!down.size) on = view;
  down.set(event.pointerId, place(event, on));
  clearTimeout(pressed);
  does = down.size > 1 ? "zooms" : "waits";
  if (does === "zooms") return;
  begun = place(event, on);
  pressed = setTimeout(() => {
    does = "reads";
    readAt(on, ...begun);
  }, PRESS_MS);
}

function move(event) {
  if (!down.has(event.pointerId)) return false;
  const before = [...down.values()];
  down.set(event.pointerId, place(event, on));
  const now = [...down.values()];
  if (does === "waits" && apart(begun, now[0]) > SLACK_PX) stop();
  if (does === "reads") readAt(on, ...now[0]);
  if (does === "zooms" && now.length > 1)
    stretch(on, apart(...now) / Math.max(apart(...before), 1), between(...before), between(...now));
}

function lift(event, meant) {
  if (!down.delete(event.pointerId)) return false;
  if (meant && does === "waits") tap(event.timeStamp);
  if (does !== "zooms" || !down.size) stop();
}

function stop() {
  clearTimeout(pressed);
  does = "";
}

// The first is read at once, the second undoes the zoom.
function tap(time) {
  const again = time - last.time < TWICE_MS && apart(last.place, begun) < TWICE_PX;
  last = again ? {time: -Infinity} : {time, place: begun};
  if (again) refit();
  else readAt(on, ...begun, "tap");
}
