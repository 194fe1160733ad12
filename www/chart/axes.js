// The axes of price and time: round labels, scaling by hand, and the way back to the newest bar.
const {named, chart, label} = liqmap;
const picture = document.getElementById("picture");
const [live, refit] = ["live", "refit"].map(id => document.getElementById(id));
const DRAG_PX = 180;  // that far, the scale changes by a factor of e
const MOST_LABELS = 11, LABEL_PX = 40, TIME_PX = 72;
const BELOW = ["context", "strip"];  // the lowest first
const TAG_PX = 14;  // a label this near to the price's tag would be behind it

liqmap.figure.then(() => {
  const heat = named("heat").properties, [time, price] = [named("time_range"), named("price_range")];
  const {properties: map} = named("map");
  for (const size of [heat, map].flatMap(one => [one.inner_width, one.inner_height])) size.change.connect(place);
  for (const name of BELOW)
    named(name).properties.visible.change.connect(() => requestAnimationFrame(place));
  for (const range of [time, price]) range.change.connect(moved);
  byHand("price-axis", price, ({clientY: y}) => y, () => (price.start + price.end) / 2);
  byHand("time-axis", time, ({clientX: x}) => -x, () => time.end);
  live.addEventListener("click", goLive);
  refit.addEventListener("click", liqmap.refit);
  document.getElementById("plot").addEventListener("wheel", along, {capture: true, passive: false});
  place();
});

// Where the heatmap's frame lies, for the style sheet; on a phone all is nearer.
function place() {
  const heat = chart(liqmap.front()), {left, right, top, bottom, width} = heat.frame.bbox;
  picture.classList.toggle("narrow", width < 640);
  named("time_ticks").desired_num_ticks = Math.max(1, Math.min(8, Math.floor(width / TIME_PX)));
  const {x, y} = heat.el.getBoundingClientRect(), outer = picture.getBoundingClientRect();
  const below = chart(BELOW.find(name => named(name).visible) ?? "heat");
  const foot = below.el.getBoundingClientRect().y - outer.y + below.frame.bbox.bottom;
  const px = {left: x - outer.x + left, right: x - outer.x + right, top: y - outer.y + top,
    bottom: y - outer.y + bottom, foot, gutter: heat.bbox.width - right};
  for (const [name, value] of Object.entries(px)) picture.style.setProperty(`--${name}`, `${value}px`);
  moved();
}

// Someone zoomed, panned or resized, or there is another picture.
function moved() {
  if (!liqmap.picture) return;
  for (const name of ["price_axis", "map_price_axis", "past_price_axis"]) label(named(name), priceTicks());
  live.hidden = isLive();
  refit.hidden = liqmap.isFitted();
  liqmap.tagSpot();
  liqmap.tagCross();
}

// Few round prices, or per cent of the newest one.
function priceTicks() {
  const {spot} = liqmap.picture, {start, end} = named("price_range");
  const {inner_height} = named(liqmap.front());
  const percent = liqmap.setting("axis") === "percent";
  const unit = percent ? spot / 100 : 1, zero = percent ? spot : 0;
  const [low, high] = [(start - zero) / unit, (end - zero) / unit];
  const most = Math.min(MOST_LABELS, inner_height / LABEL_PX);
  const power = 10 ** Math.floor(Math.log10((high - low) / most));
  const step = [1, 2, 5, 10].map(part => part * power).find(step => (high - low) / step <= most);
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const options = {minimumFractionDigits: digits, maximumFractionDigits: digits};
  if (percent) options.signDisplay = "exceptZero";
  const first = Math.ceil(low / step - 1e-9), count = Math.floor(high / step + 1e-9) - first + 1;
  const near = TAG_PX * (high - low) / inner_height;
  const round = Array.from({length: count}, (_, i) => (first + i) * step)
    .filter(at => Math.abs(zero + at * unit - spot) > near * unit);
  const words = round.map(at => at.toLocaleString(liqmap.locale, options).replace("-", "−") + (percent ? "%" : ""));
  return {places: round.map(at => zero + at * unit), labels: words};
}

// Drag an axis to scale it about a fixed point, double-click it to refit.
function byHand(id, range, along, fixed) {
  const axis = document.getElementById(id);
  let last = null;
  axis.addEventListener("pointerdown", event => {
    if (!event.isPrimary) return;
    axis.setPointerCapture(event.pointerId);
    last = along(event);
  });
  axis.addEventListener("pointermove", event => {
    if (last === null || !event.isPrimary) return;
    scale(range, Math.exp((along(event) - last) / DRAG_PX), fixed());
    last = along(event);
  });
  for (const name of ["pointerup", "pointercancel"])
    axis.addEventListener(name, () => { last = null; });
  axis.addEventListener("dblclick", () => shift(range, range.reset_start, range.reset_end));
  axis.addEventListener("wheel", event => {
    event.preventDefault();
    scale(range, Math.exp(event.deltaY / 600), fixed());
  }, {passive: false});
}

function scale(range, factor, fixed) {
  const [start, end] = [range.start, range.end].map(at => fixed + (at - fixed) * factor);
  if (start > 0) range.setv({start, end});
}

function shift(range, start, end = start + range.end - range.start) {
  range.setv({start, end});
}

// A wheel with shift, or one that turns sideways, goes along the time.
function along(event) {
  const turned = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (!event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
  event.preventDefault();
  event.stopPropagation();
  const time = named("time_range");
  shift(time, time.start + turned * (time.end - time.start) / named("heat").inner_width);
}

const newest = () => liqmap.picture.end_ms;

// Whether the newest bar and its price are in sight.
function isLive() {
  const time = named("time_range"), price = named("price_range"), {spot} = liqmap.picture;
  return time.start < newest() && newest() <= time.end && price.start <= spot && spot <= price.end;
}

// Back to the newest bar, at the same scale.
function goLive() {
  const time = named("time_range"), price = named("price_range"), {spot} = liqmap.picture;
  if (newest() <= time.start || newest() > time.end)
    shift(time, time.reset_end - (time.end - time.start));
  if (spot < price.start || spot > price.end) shift(price, spot - (price.end - price.start) / 2);
}

Object.assign(liqmap, {place, moved, isLive, goLive});
