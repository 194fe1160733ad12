// The instant that the visitor asks about: a line on the picture, and the time after it dimmed.
const {named, say} = liqmap;
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
  const {start, end} = named("time_range"), visible = ms > 0, late = ms > (start + end) / 2;
  const side = late ? {text: say("what came after ▸"), text_align: "right", x_offset: -6}
    : {text: say("what came after"), text_align: "left", x_offset: 6};
  for (const one of LINES) {
    named(`as_of_line${one}`).setv({location: ms, visible});
    named(`as_of_after${one}`).setv({left: ms, visible});
    named(`as_of_words${one}`).setv({x: ms, visible, ...side});
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
