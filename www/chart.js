// Hands arrays to BokehJS, finds its models by name, and paints them in the page's theme.
const root = document.documentElement;
// Pixels on a desk and on a phone, as the figure has them.
const sizes = JSON.parse(document.getElementById("plot").dataset.sizes);
let view, doc, frame;
const named = name => doc.get_model_by_name(name);

liqmap.figure.then(embedded => {
  view = embedded ?? [...Bokeh.index.roots][0];
  doc = view.model.document;
  const narrow = matchMedia("(max-width: 640px)");
  const fit = () => {
    for (const [name, [side, desk, phone]] of Object.entries(sizes))
      named(name)[side] = narrow.matches ? phone : desk;
    named("color_bar").visible = !narrow.matches;
    named("heat").min_border_left = narrow.matches ? 4 : 64;
    named("map_ticks").desired_num_ticks = narrow.matches ? 1 : 3;
    named("past_caption").text = narrow.matches ? "Past" : "Happened";
    named("time_ticks").desired_num_ticks = narrow.matches ? 3 : 8;
    named("watermark").text_font_size = narrow.matches ? "14px" : "22px";
  };
  narrow.addEventListener("change", fit);
  fit();
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", theme);
});

function theme() {
  const style = getComputedStyle(root), light = style.colorScheme === "light";
  const ink = light ? "#151a26" : "#ffffff", ground = light ? "#ffffff" : "#10131c";
  for (const name of ["spot_line", "spot_line_map", "spot_line_past"]) named(name).line_color = ink;
  named("spot_tag").setv({background_fill_color: ink, text_color: ground});
  const quiet = style.getPropertyValue("--quiet");
  named("color_bar").major_label_text_color = quiet;
  for (const name of ["strip_caption", "past_caption"]) named(name).text_color = quiet;
  for (const [name, color] of [["rising", "--long"], ["falling", "--short"]])
    for (const [part, ink] of [["", color], ["_halo", "--ground"]]) {
      const value = {value: style.getPropertyValue(ink)};
      named(`${name}_wicks${part}`).glyph.line_color = value;
      named(`${name}_bodies${part}`).glyph.setv({fill_color: value, line_color: value});
    }
  for (const plot of view.child_views ?? []) plot.repaint?.();
}

function put(name, data) {
  named(name).setv({data}, {check_eq: false});
}

// Columns into named sources, ends into named ranges; a zoom of someone's is kept.
function fill({sources, ranges}, zoomable = []) {
  for (const [name, data] of Object.entries(sources)) put(name, data);
  for (const [name, [start, end]] of Object.entries(ranges ?? {})) {
    const range = named(name), reset = {reset_start: start, reset_end: end};
    const zoomed = range.start !== range.reset_start || range.end !== range.reset_end;
    range.setv(zoomed && zoomable.includes(name) ? reset : {start, end, ...reset});
  }
}

// A `Heatmap` of liqmap.picture.
function paint(picture) {
  liqmap.picture = picture;
  liqmap.onPicture(picture);
  const {image, colors} = picture;
  const {Uint32NDArray} = Bokeh.require("core/util/ndarray");
  const pixels = new Uint32NDArray(image.rgba.buffer, [image.rows, image.columns]);
  put("image", {image: [pixels], x: [image.x], y: [image.y], dw: [image.dw], dh: [image.dh]});
  named("colors").palette = colors.palette;
  const bar = named("color_bar");
  bar.ticker.ticks = colors.ticks;
  bar.major_label_overrides = new Map(colors.ticks.map((at, i) => [at, colors.labels[i]]));
  named("price_format").format = picture.price_format;
  for (const name of ["spot_line", "spot_line_map", "spot_line_past"])
    named(name).setv({location: picture.spot, visible: true});
  named("spot_tag").setv({y: picture.spot, text: priceWords(picture.spot), visible: true});
  named("watermark").setv({text: picture.watermark, visible: picture.watermark !== ""});
  fill(picture, frame === picture.frame ? ["time_range", "price_range"] : []);
  frame = picture.frame;
  theme();
}

// `78,706.8`: as many decimals as the picture's contract has.
function priceWords(price) {
  const digits = liqmap.picture.decimals;
  const options = {minimumFractionDigits: digits, maximumFractionDigits: digits};
  return price.toLocaleString("en-US", options);
}

// The charts under a line that says what they are.
async function png() {
  const drawn = view.export("png", true).canvas;
  const band = 30 * devicePixelRatio, style = getComputedStyle(root);
  const sheet = new OffscreenCanvas(drawn.width, drawn.height + band);
  const context = sheet.getContext("2d");
  context.fillStyle = style.getPropertyValue("--ground");
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(drawn, 0, band);
  context.fillStyle = style.getPropertyValue("--text");
  context.font = `${band * 0.45}px ${style.fontFamily}`;
  const words = [document.title, liqmap.picture?.times.at(-1) + " UTC", "an estimate"];
  context.fillText(words.join(" · "), band / 3, band * 0.66);
  return sheet.convertToBlob({type: "image/png"});
}

Object.assign(liqmap, {named, fill, paint, priceWords, png});
