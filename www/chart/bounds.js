// How far time and price may be moved and zoomed, by whatever means, and the way back to what fits.
const {named} = liqmap;
const RANGES = ["time_range", "price_range"];
const WIDEST = 4;  // times what fits
const FINEST = 1 / 1000;  // of the prices that fit; of the time it is a bar
const IN_SIGHT = 0.2;  // of the picture, or of the view where that is less
const SLACK = 1e-4;  // of what fits: no eye sees it
const found = {};  // what was seen last, by range

liqmap.figure.then(() => {
  for (const name of RANGES) named(name).change.connect(() => keep(name));
});

// A range that someone moved too far goes back into its bounds.
function keep(name) {
  if (!liqmap.picture) return;
  const range = named(name), {start, end} = found[name] = bounded(name);
  if (start !== range.start || end !== range.end) range.setv({start, end});
}

// The ends that a range may have, nearest to those that it has.
function bounded(name) {
  const range = named(name), {start, end, reset_start, reset_end} = range;
  const price = name === "price_range", lowest = price ? reset_start / 100 : -Infinity;
  const log = price && liqmap.setting("axis") === "log";
  const [to, from] = log ? [at => Math.log(Math.max(at, lowest)), Math.exp] : [at => at, at => at];
  const [first, last] = [reset_start, reset_end].map(to), whole = last - first;
  const least = price ? whole * FINEST : liqmap.picture.bar_ms, most = WIDEST * whole;
  const fits = length => length >= least * (1 - 1e-9) && length <= most * (1 + 1e-9);
  let [low, high] = [start, end].map(to);
  if (!fits(high - low)) {
    const before = found[name] && [found[name].start, found[name].end].map(to);
    const length = Math.min(Math.max(high - low, least), most), middle = (low + high) / 2;
    [low, high] = before && fits(before[1] - before[0]) ? before : [middle - length / 2, middle + length / 2];
  }
  const length = high - low, kept = IN_SIGHT * Math.min(length, whole);
  const placed = Math.max(Math.min(Math.max(low, first - length + kept), last - kept), log ? low : lowest);
  const same = (one, other) => Math.abs(one - other) <= 1e-9 * whole;
  if (same(placed, to(start)) && same(high, to(end)) && start >= lowest) return {start, end};
  return {start: from(placed), end: from(placed + length)};
}

// Whether all is seen that fits, and nothing else.
function isFitted() {
  return RANGES.map(named).every(({start, end, reset_start, reset_end}) =>
    Math.max(Math.abs(start - reset_start), Math.abs(end - reset_end)) < SLACK * (reset_end - reset_start));
}

function refit() {
  for (const range of RANGES.map(named)) range.setv({start: range.reset_start, end: range.reset_end});
}

// Scale a chart by a factor and carry what was at one place [px] to another, along what it shares.
function stretch(plot, factor, [x, y], [toX, toY]) {
  const {x_scale, y_scale, x_range, y_range, bbox} = plot.frame;
  const time = [bbox.left, bbox.right].map(edge => x_scale.invert(x + (edge - toX) / factor));
  const price = [bbox.bottom, bbox.top].map(edge => y_scale.invert(y + (edge - toY) / factor));
  for (const [range, name, [start, end]] of [[x_range, "time_range", time], [y_range, "price_range", price]])
    if (range === named(name)) range.setv({start, end});
}

// Move along so that a time and a price are in sight.
function bringIntoSight(x, y) {
  for (const [name, at] of [["time_range", x], ["price_range", y]]) {
    const range = named(name), {start, end} = range, length = end - start, room = 0.1 * length;
    if (at < start) range.setv({start: at - room, end: at - room + length});
    else if (at > end) range.setv({start: at + room - length, end: at + room});
  }
}

Object.assign(liqmap, {isFitted, refit, stretch, bringIntoSight});
