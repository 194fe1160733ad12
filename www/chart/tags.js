// What stands in the gutters of the axes: the price with the bar's countdown, the crosshair's labels.
const {named, chart, priceWords} = liqmap;
const find = id => document.getElementById(id);
const [spot, countdown, atPrice, atTime] = ["spot", "countdown", "at-price", "at-time"].map(find);
const MISSED_BARS = 3;  // after so many without a new one nobody counts down

// How far below the upper end of its axis a price is [px].
const below = price => {
  const {y_scale, bbox} = chart(liqmap.front()).frame;
  return y_scale.compute(price) - bbox.top;
};

// The newest price at its place; outside of the axis there is none.
function tagSpot() {
  markRead();
  const price = liqmap.picture.spot, {start, end} = named("price_range");
  spot.hidden = price < start || price > end;
  if (spot.hidden) return;
  spot.firstChild.textContent = priceWords(price);
  spot.style.top = `${below(price)}px`;
}

// Minutes and seconds to the end of the bar, where bars still come.
function count() {
  if (!liqmap.picture) return;
  const {end_ms, bar_ms} = liqmap.picture, now = Date.now();
  const left = Math.ceil((bar_ms - now % bar_ms) / 1000);
  countdown.hidden = now - end_ms > MISSED_BARS * bar_ms;
  countdown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

let ticking = setInterval(count, 1000);
document.addEventListener("visibilitychange", () => {
  clearInterval(ticking);
  if (document.hidden) return;
  count();
  ticking = setInterval(count, 1000);
});

// Where the read-out is of, for a finger that has gone: a ring that stays with its place.
let read = null;
function markRead() {
  const view = read && chart(read.on), at = find("read-at");
  at.hidden = !view?.model.visible;
  if (at.hidden) return;
  const {bbox, x_scale, y_scale} = view.frame, x = x_scale.compute(read.x), y = y_scale.compute(read.y);
  at.hidden = x < bbox.left || x > bbox.right || y < bbox.top || y > bbox.bottom;
  const box = view.el.getBoundingClientRect(), outer = find("picture").getBoundingClientRect();
  Object.assign(at.style, {left: `${box.x - outer.x + x}px`, top: `${box.y - outer.y + y}px`});
}

let pointed = {};  // the price and the time that the labels are of

// Labels of the crosshair on the axes that a chart shares; of no event, none.
function pointAt(event, price, time) {
  read = event && {on: event.origin.name, x: event.x, y: event.y};
  markRead();
  pointed = {price: event && price ? event.y : null, time: event && time ? event.x : null};
  tagCross();
}

// They keep their places on the axes when those are moved, and are hidden beyond their ends.
function tagCross() {
  const {price, time} = pointed, {picture} = liqmap;
  const within = (at, {start, end}) => at !== null && start <= at && at <= end;
  atPrice.hidden = !picture || !within(price ?? null, named("price_range"));
  if (!atPrice.hidden) {
    atPrice.textContent = priceWords(price);
    atPrice.style.top = `${below(price)}px`;
  }
  const column = picture && within(time ?? null, named("time_range")) ? liqmap.columnAt({x: time}) : -1;
  atTime.hidden = !(column >= 0 && column < picture.image.columns);
  if (!atTime.hidden) {
    atTime.textContent = liqmap.timeAt(column);
    const {x_scale, bbox} = chart("heat").frame;
    atTime.style.left = `${x_scale.compute(time) - bbox.left}px`;
  }
}

Object.assign(liqmap, {tagSpot, tagCross, count, pointAt});
