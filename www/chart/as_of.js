// The instant that the visitor asks about: a line on the picture, and the time after it dimmed.
const {named} = liqmap;
const LINES = ["", "_other"];

// A `TimeMachine` of liqmap.session.
function asOf({instant_minute, spot}) {
  liqmap.then = instant_minute ? {spot} : null;
  lineAt(instant_minute);
  if (liqmap.picture) named("spot_line_map").location = mapSpot();
}

// The line at an instant [minutes since 1970]; none at 0.
function lineAt(minute) {
  const ms = 60000 * minute;
  const {start, end} = named("time_range"), late = ms > (start + 3 * end) / 4;
  for (const one of LINES) {
    named(`as_of_line${one}`).setv({location: ms, visible: ms > 0});
    named(`as_of_after${one}`).setv({left: ms, visible: ms > 0});
    named(`as_of_words${one}`).setv({x: ms, visible: ms > 0, text_align: late ? "right" : "left", x_offset: late ? -6 : 6});
  }
}

// The price that the liquidation map is of.
const mapSpot = () => liqmap.then?.spot ?? liqmap.picture.spot;

// When the column under an event ended [minutes since 1970]; 0 of one that has not.
function minuteAt(event) {
  const {picture} = liqmap;
  if (!picture) return 0;
  const {x, dw, columns} = picture.image, column = liqmap.columnAt(event);
  const ended = x + (column + 1) * dw / columns;
  return column >= 0 && ended < picture.end_ms ? Math.floor(ended / 60000) : 0;
}

Object.assign(liqmap, {asOf, lineAt, mapSpot, minuteAt});
