// The crosshair without a mouse: moved by bars and rows, or put where a finger reads. It is the mouse's
// own, and whoever hears the mouse hears of it.
const {named, chart} = liqmap;
const NO_KEYS = {shift: false, ctrl: false, alt: false};

// Read a chart at a place [px], as when a pointer moves there, or taps.
function readAt(plot, sx, sy, type = "move") {
  const {x_scale, y_scale, x_range, y_range} = plot.frame;
  named("cross_time").location = x_range === named("time_range") ? x_scale.invert(sx) : NaN;
  named("cross_price").location = y_range === named("price_range") ? y_scale.invert(sy) : NaN;
  plot.canvas.ui_event_bus._trigger_bokeh_event(plot, {type, sx, sy, modifiers: NO_KEYS});
}

// Where it is, or was to be: at first at the newest bar, at its price.
function place() {
  const {end_ms, bar_ms, spot} = liqmap.picture;
  const [time, price] = ["cross_time", "cross_price"].map(name => named(name).location);
  const known = at => at !== null && !Number.isNaN(at);
  return {x: known(time) ? time : end_ms - bar_ms / 2, y: known(price) ? price : spot, new: !known(time)};
}

// The middle of the cell that is so many columns and rows away; the picture's last one beyond its ends.
function crossBy(columns, rows) {
  const {x, y, new: isNew} = place(), {image, end_ms} = liqmap.picture;
  const time = named("time_range"), price = named("price_range");
  const dx = image.dw / image.columns, dy = image.dh / image.rows;
  const middle = (at, origin, step, by, first, last) => {
    const cell = Math.floor((at - origin) / step + 1e-9) + by;
    const [least, most] = [first, last - step].map(end => Math.round((end - origin) / step));
    return origin + (Math.min(Math.max(cell, least), most) + 0.5) * step;
  };
  const [right, up] = isNew ? [0, 0] : [columns, rows];  // the first key only shows it
  crossTo(middle(x, image.x, dx, right, time.reset_start, Math.min(time.reset_end, end_ms)),
    middle(y, image.y, dy, up, price.reset_start, price.reset_end));
}

// The first or the last bar, at the price that it is at.
function crossEnd(last) {
  const {end_ms, bar_ms} = liqmap.picture, {reset_start} = named("time_range");
  named("cross_time").location = last ? end_ms - bar_ms / 2 : reset_start + bar_ms / 2;
  crossBy(0, 0);
}

function crossTo(x, y) {
  liqmap.bringIntoSight(x, y);
  const heat = chart("heat"), {x_scale, y_scale} = heat.frame;
  readAt(heat, x_scale.compute(x), y_scale.compute(y));
}

// Zoom about it, or about the middle of the picture.
function zoomBy(factor) {
  const heat = chart("heat"), {bbox, x_scale, y_scale} = heat.frame, {x, y} = place();
  const [sx, sy] = [x_scale.compute(x), y_scale.compute(y)];
  const about = bbox.contains(sx, sy) ? [sx, sy] : [(bbox.left + bbox.right) / 2, (bbox.top + bbox.bottom) / 2];
  liqmap.stretch(heat, factor, about, about);
}

function hideCross() {
  for (const name of ["cross_time", "cross_price"]) named(name).location = NaN;
}

Object.assign(liqmap, {readAt, crossBy, crossEnd, crossAt: place, zoomBy, hideCross});
