// Round instants at the axes of time: of UTC or of the visitor's zone, as the page's language writes them.
const {named, locale, here} = liqmap;
const MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS, MONTH_MS = 30 * DAY_MS;
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 12].map(hours => hours * HOUR_MS), ...[1, 2, 4, 7, 14].map(days => days * DAY_MS),
];
const MONTHS = [1, 3, 6, 12];
const english = liqmap.language === "en", dates = english ? "en-GB" : locale;
const dated = options => new Intl.DateTimeFormat(dates, {...options, timeZone: "UTC"});
const day = dated({day: english ? "2-digit" : "numeric", month: "short"});
const month = dated({month: "short", year: "numeric"});

// How far the clock on the wall is ahead of UTC.
const ahead_ms = at => here ? -new Date(at).getTimezoneOffset() * MINUTE_MS : 0;
const wall = at => at + ahead_ms(at);
const instant = at => at - ahead_ms(at - ahead_ms(at));

// At most so many instants that are round on the wall, the first of a month over months.
function ticks(start, end, most) {
  const step = STEPS_MS.find(one => (end - start) / one <= most), found = [];
  if (step) {
    for (let at = Math.ceil(wall(start) / step) * step; instant(at) <= end; at += step) found.push(instant(at));
    return found;
  }
  const months = MONTHS.find(one => (end - start) / (one * MONTH_MS) <= most) ?? 12;
  const first = new Date(wall(start)), year = first.getUTCFullYear();
  for (let at = Math.floor(first.getUTCMonth() / months) * months; ; at += months) {
    const begins = instant(Date.UTC(year, at));
    if (begins > end) return found;
    if (begins >= start) found.push(begins);
  }
}

// `14:35`, `31 Jan` at midnight, `Jan 2026` where months are apart.
function words(at, apart_ms) {
  const shown = wall(at);
  if (apart_ms >= 28 * DAY_MS) return month.format(shown);
  if (shown % DAY_MS === 0) return day.format(shown);
  const date = new Date(shown);
  return [date.getUTCHours(), date.getUTCMinutes()].map(one => String(one).padStart(2, "0")).join(":");
}

// `UTC`, `UTC+3`, `UTC−3:30`: which clock it is.
function zoneAt(at) {
  const minutes = Math.round(ahead_ms(at) / MINUTE_MS), size = Math.abs(minutes);
  if (!minutes) return "UTC";
  const rest = size % 60 ? `:${String(size % 60).padStart(2, "0")}` : "";
  return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${rest}`;
}

// Bokeh would have them round in UTC, in English.
liqmap.figure.then(() => {
  const ticker = named("time_ticks");
  ticker.get_ticks_no_defaults = (start, end) => ({major: ticks(start, end, ticker.desired_num_ticks), minor: []});
  named("time_clock").doFormat = places => places.map(at => words(at, places.length > 1 ? places[1] - places[0] : 0));
});

Object.assign(liqmap, {zoneAt});
