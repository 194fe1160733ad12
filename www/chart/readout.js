// Hit tests. They take the event, since its time in whole milliseconds must not visit
// MicroPython, which cuts it to 32 bits.
const {named, say} = liqmap;

// The column under an event.
function columnAt({x: time}) {
  const {x, dw, columns} = liqmap.picture.image;
  return Math.floor((time - x) / dw * columns);
}

// When a column begins, in words; a negative one counts from the end.
function timeAt(column) {
  return liqmap.picture.times.split("\n").at(column);
}

// The same with its zone.
function instantAt(column) {
  const {x, dw, columns} = liqmap.picture.image;
  return `${timeAt(column)} ${liqmap.zoneAt(x + (column < 0 ? columns + column : column) * dw / columns)}`;
}

// When the newest bar ends [minutes since 1970].
const newestMinute = () => Math.floor(liqmap.picture.end_ms / 60000);

// Since when a band is there, and what became of it: as long as enough of what waits at this
// place and time is there, it is the same band. Its leverages are known of now.
function storyAt(column, row) {
  const {image: {quote, columns}, leverages, band_fraction} = liqmap.picture;
  const band = quote.subarray(row * columns, (row + 1) * columns);
  const less = amount => amount < band[column] * band_fraction;
  let begin = column;
  while (begin > 0 && !less(band[begin - 1])) begin -= 1;
  const gone = band.findIndex((amount, at) => at > column && less(amount));
  const time = timeAt(begin), since = begin ? say("since {time}", {time}) : say("since before {time}", {time});
  if (gone >= 0) return say("{since}, more than half gone by {time}", {since, time: timeAt(gone)});
  const now = liqmap.then ? "" : leverages.split("\n")[row];
  return now ? say("{since}, now mostly {leverages}", {since, leverages: now}) : since;
}

// What is said of the marks near an event on the picture.
function marksAt({x, y}) {
  const [events, accounts, sweeps] = ["events", "accounts", "sweeps"].map(name => named(name).data);
  const heat = named("heat"), time = named("time_range"), price = named("price_range");
  const dx = (time.end - time.start) / heat.inner_width;
  const dy = (price.end - price.start) / heat.inner_height;
  const at = marks => (_, i) => Math.hypot((marks.time[i] - x) / dx, (marks.price[i] - y) / dy) < 13;
  const line = i => x >= accounts.x0[i] && Math.abs(accounts.y[i] - y) < 4 * dy;
  const swept = named("sweep_marks").visible ? sweeps.words.filter(at(sweeps)) : [];
  return [...events.words.filter(at(events)), ...accounts.words.filter((_, i) => line(i)), ...swept];
}

// The first of several bands that an event is in, −1 for none.
function bandAt({x, y}, {left, right, bottom, top}) {
  return left.findIndex((begin, i) => begin <= x && x <= right[i] && bottom[i] <= y && y <= top[i]);
}

// USD from the map's price to the one of an event: the curves run outward.
function sumAt({y: price}) {
  const down = price < liqmap.mapSpot();
  const curve = named(down ? "cumulative_long" : "cumulative_short").data;
  let at = curve.price.length - 1;
  while (at >= 0 && (down ? curve.price[at] < price : curve.price[at] > price)) at -= 1;
  return at < 0 ? 0 : curve.total[at];
}

// USD of longs and of shorts in the bars at an event's time.
function barsAt({x: time}) {
  return ["liq_long", "liq_short"].map(name => {
    const bars = named(name).data;
    const at = Array.from(bars.time).findIndex((t, i) => Math.abs(t - time) <= bars.width[i] / 1.6);
    return at < 0 ? 0 : bars.amount[at];
  });
}

// The strip's number at an event's time: that of the last point before it, NaN where no line is.
function contextAt({x}) {
  const {time, value} = named("context_line").data, next = Array.from(time).findIndex(t => t > x);
  return next < 1 ? NaN : value[next - 1];
}

Object.assign(liqmap, {columnAt, timeAt, instantAt, newestMinute, storyAt, marksAt, bandAt, sumAt, barsAt, contextAt});
