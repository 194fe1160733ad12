// Embeds the figure that the build compiled, hands arrays to BokehJS, finds its models by name, and
// paints them in the page's theme.
const root = document.documentElement;
// Pixels on a desk and on a phone, as the figure has them.
const sizes = JSON.parse(document.getElementById("plot").dataset.sizes);
const SPOT_LINES = ["spot_line", "spot_line_other", "spot_line_map", "spot_line_past"];
const {narrow} = liqmap;
let view, doc;
const named = name => doc.get_model_by_name(name);
const chart = name => view.child_views.find(one => one.model.name === name);

// What is read of the figure, in the page's language.
const WORDS = new Set(["text", "axis_label", "title", "label", "description"]);
const spoken = liqmap.language === "en" ? FIGURE : JSON.parse(JSON.stringify(FIGURE),
  (name, value) => WORDS.has(name) && typeof value === "string" ? liqmap.look(value) : value);

Bokeh.embed.embed_item(spoken, "plot").then(views => liqmap.embedded(views[0] ?? null));
liqmap.figure.then(embedded => {
  view = embedded ?? [...Bokeh.index.roots][0];
  doc = view.model.document;
  const fit = () => {
    for (const [name, [side, desk, phone]] of Object.entries(sizes))
      named(name)[side] = narrow.matches ? phone : desk;
    arrange();
    named("heat").min_border_right = narrow.matches ? 56 : 70;
    named("past_price_axis").visible = !narrow.matches;
    named("past_caption").text = narrow.matches ? liqmap.say("Past") : liqmap.say("Happened");
    named("watermark").text_font_size = narrow.matches ? "14px" : "22px";
  };
  narrow.addEventListener("change", fit);
  fit();
  // The picture takes the keys; a chart in it is no place to stop at.
  for (const plot of view.child_views) {
    plot.canvas.events_el.removeAttribute("tabindex");
    plot.throttled_paint = onceAFrame(plot);
  }
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", theme);
});

// How Bokeh asks a plot to paint. Its own way waits for 16.7 ms after the paint before, and so
// misses every other frame of a screen of 60 Hz; and it lays a hidden plot out at every move.
function onceAFrame(plot) {
  let painted = null;
  return () => painted ??= new Promise(done => requestAnimationFrame(() => {
    painted = null;
    if (plot.model.visible) plot.repaint();
    done();
  }));
}

// Bokeh asks the style sheet for every colour and font at every paint; they change with the theme.
const {VisualProperties} = Bokeh.require("core/visuals/visual"), asked = VisualProperties.prototype._get_css_value;
let known = new WeakMap();
VisualProperties.prototype._get_css_value = function (name) {
  let values = known.get(this);
  if (!values) known.set(this, values = new Map());
  if (!values.has(name)) values.set(name, asked.call(this, name));
  return values.get(name);
};

// Glyphs take the rows of a source that are to be drawn one by one; here they are always all.
const {BitSet} = Bokeh.require("core/util/bitset"), select = BitSet.prototype.select;
BitSet.prototype.select = function (values) {
  return this.count === values.length ? values.slice() : select.call(this, values);
};

// The colours that are painted in.
let worn = "";

function theme() {
  const style = getComputedStyle(root), wanted = ["--ground", "--text"].map(name => style.getPropertyValue(name)).join();
  if (wanted === worn) return;
  worn = wanted;
  known = new WeakMap();
  const [text, quiet, ground, leverage, accent] =
    ["text", "quiet", "ground", "leverage", "accent"].map(name => style.getPropertyValue(`--${name}`));
  for (const name of SPOT_LINES) named(name).line_color = text;
  for (const name of ["strip_caption", "context_caption", "past_caption"]) named(name).text_color = quiet;
  for (const name of ["max_pain_words", "cumulative_words", "position_words", "level_lines_words"])
    named(name).glyph.setv({text_color: text, background_fill_color: ground});
  for (const name of ["map_axis", "cumulative_axis", "past_axis", "strip_axis", "context_axis"])
    named(name).axis_label_text_color = quiet;
  named("context_ink").glyph.line_color = {value: text};
  named("profile_bars").glyph.fill_color = leverage;
  for (const [part, ink] of [["halo", ground], ["lines", text]])
    named(`position_${part}`).glyph.line_color = {value: ink};
  named("selection_band").glyph.line_color = {value: text};
  for (const one of ["", "_other"]) {
    named(`as_of_after${one}`).fill_color = ground;
    named(`as_of_line${one}`).line_color = accent;
  }
  for (const name of ["heat_name", "other_name", "as_of_words", "as_of_words_other"])
    named(name).setv({text_color: text, background_fill_color: ground});
  for (const [name, color] of ["", "other_"].flatMap(one =>
    [[`${one}rising`, "--long"], [`${one}falling`, "--short"]]))
    for (const [part, property, ink] of [["halo", "line_color", "--ground"],
      ["line", "line_color", color], ["fill", "fill_color", name.includes("rising") ? "--ground" : color]])
      named(`${name}_${part}`).glyph[property] = {value: style.getPropertyValue(ink)};
  const [long, short] = ["--long", "--short"].map(name => style.getPropertyValue(name));
  named("sides").palette = [long, short];
  for (const [name, color] of [["liq_long_bars", long], ["liq_short_bars", short]])
    named(name).glyph.setv({fill_color: {value: color}, line_color: {value: color}});
  for (const [name, color] of [["cumulative_long_line", long], ["cumulative_short_line", short]])
    named(name).glyph.line_color = {value: color};
  const whiskers = named("profile_whiskers");
  for (const one of [whiskers, whiskers.lower_head, whiskers.upper_head]) one.line_color = accent;
  for (const plot of view.child_views) plot.request_paint();
}

// The chart that has the price axis.
const front = () => named("heat").visible ? "heat" : "map";

// The heatmaps have the room; or the map in their place, with a price axis of its own.
function arrange(onMap = front() === "map") {
  const beside = !onMap && Boolean(liqmap.picture?.other_image), room = "minmax(0, 1fr)", own = "auto";
  named("heat").visible = !onMap;
  named("other").visible = beside;
  named("map_price_axis").visible = onMap;
  named("map").setv({sizing_mode: onMap ? "stretch_both" : "stretch_height", min_border_right: onMap ? 56 : 0});
  const cols = [onMap ? own : room, beside ? room : own, onMap ? room : own, own];
  if (cols.join() !== named("layout").cols.join()) named("layout").cols = cols;
  for (const [name, ticks] of Object.entries(ticksOf)) label(named(name), fitting(name, ticks));
}

function put(name, data) {
  named(name).setv({data}, {check_eq: false});
}

// Columns into named sources, ticks onto named axes, ends into named ranges; a zoom is kept.
function fill({sources, ranges, axes}, zoomable = []) {
  for (const [name, data] of Object.entries(sources)) put(name, data);
  for (const [name, ticks] of Object.entries(axes ?? {})) label(named(name), fitting(name, ticksOf[name] = ticks));
  for (const [name, [start, end]] of Object.entries(ranges ?? {})) {
    const range = named(name), reset = {reset_start: start, reset_end: end};
    const zoomed = range.start !== range.reset_start || range.end !== range.reset_end;
    range.setv(zoomed && zoomable.includes(name) ? reset : {start, end, ...reset});
  }
}

// On a phone a narrow chart has room for its first and its last label.
const ticksOf = {};
function fitting(name, {places, labels}) {
  const all = !narrow.matches || front() === "map" && name !== "past_axis" || ["strip_axis", "context_axis"].includes(name);
  const kept = (_, i) => all || i === 0 || i === places.length - 1;
  return {places: places.filter(kept), labels: labels.filter(kept), all: {places, labels}};
}

// Ticks at places, with words of their own; a change makes Bokeh lay the chart out anew.
// Bokeh makes words of new overrides late: those of ticks that may come later are there before.
function label(axis, {places, labels, all = {places, labels}}) {
  const {ticks} = axis.ticker, words = axis.major_label_overrides;
  if (places.length === ticks.length && places.every((at, i) => at === ticks[i] && words.get(at) === labels[i]))
    return;
  axis.major_label_overrides = new Map(all.places.map((at, i) => [at, all.labels[i]]));
  axis.ticker.ticks = places;
}

// An `Image` into its source.
function show(name, {rgba, rows, columns, x, y, dw, dh}) {
  const {Uint32NDArray} = Bokeh.require("core/util/ndarray");
  const pixels = new Uint32NDArray(rgba.buffer, [rows, columns]);
  put(name, {image: [pixels], x: [x], y: [y], dw: [dw], dh: [dh]});
}

// A `Heatmap` of liqmap.picture.
function paint(picture) {
  const {other_image: other} = picture, before = liqmap.picture;
  const live = before && liqmap.isLive();
  liqmap.picture = picture;
  liqmap.onPicture(picture);
  show("image", picture.image);
  if (other) show("other_image", other);
  arrange();
  for (const [name, text] of [["heat_name", picture.model], ["other_name", picture.versus]])
    named(name).setv({text, visible: Boolean(other)});
  const {LinearScale, LogScale} = Bokeh.require("models/scales");
  const Scale = setting("axis") === "log" ? LogScale : LinearScale;
  for (const one of ["heat", "other", "map", "past"].map(named))
    if (!(one.y_scale instanceof Scale)) one.y_scale = new Scale();
  for (const name of SPOT_LINES)
    named(name).setv({location: name === "spot_line_map" ? liqmap.mapSpot() : picture.spot, visible: true});
  named("watermark").setv({text: picture.watermark, visible: picture.watermark !== ""});
  const same = before?.frame === picture.frame;
  fill(picture, same ? ["time_range", "price_range"] : []);
  if (!same) liqmap.zoomAsAsked();
  if (same && live && setting("follow") !== "off") liqmap.goLive();
  liqmap.moved();
  liqmap.count();
  theme();
  root.dataset.drawn = "";
}

// The picture that came last in the colours of a `Colors` of liqmap.picture.
function recolor({query, rgba, other_rgba, colors}) {
  const {received} = liqmap, {image, other_image: other} = received;
  const picture = {...received, query, colors, image: {...image, rgba}};
  if (other) picture.other_image = {...other, rgba: other_rgba};
  liqmap.received = picture;
  if (liqmap.picture !== received) return paint(picture);
  liqmap.picture = picture;
  liqmap.onPicture(picture);
  show("image", picture.image);
  if (other) show("other_image", picture.other_image);
  theme();
}

// A setting of the picture that is not its default.
function setting(name) {
  return new URLSearchParams(liqmap.picture.query).get(name);
}

// `78,706.8`: as many decimals as the picture's contract has.
function priceWords(price) {
  const digits = liqmap.picture.decimals;
  const options = {minimumFractionDigits: digits, maximumFractionDigits: digits};
  return price.toLocaleString(liqmap.locale, options);
}

// Whether marks that belong to a panel are painted.
function showLayer(name, visible) {
  named(name).visible = visible;
}

const layout = () => view;
Object.assign(liqmap, {named, chart, front, arrange, show, showLayer, layout, label, setting, theme, fill, paint, recolor, priceWords});
