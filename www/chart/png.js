// The picture as an image: the charts, the legend and the price's tag, under a line of words.
const root = document.documentElement;
const find = id => document.getElementById(id);
const LINE_PX = 44, BAR_PX = {x: 12, y: 12, width: 240, height: 12};
const LONGEST = 120;  // characters of the address

// A canvas of it as it is painted now: the legend in these colours, `top` pixels of ground above.
function drawn(colors, top = 0, head = () => {}) {
  const {canvas} = liqmap.layout().export("png", true), {picture} = liqmap;
  const scale = canvas.width / find("plot").clientWidth, style = getComputedStyle(root);
  const [ground, text] = ["--ground", "--text"].map(name => style.getPropertyValue(name));
  const sheet = document.createElement("canvas");
  Object.assign(sheet, {width: canvas.width, height: canvas.height + top * scale});
  const context = sheet.getContext("2d");
  context.scale(scale, scale);
  const box = (color, {x, y, width, height}) => {
    context.fillStyle = color;
    context.fillRect(x, y, width, height);
  };
  const words = (color, size, said, x, y) => {
    context.fillStyle = color;
    context.font = `${size}px ${style.fontFamily}`;
    context.fillText(said, x, y);
  };
  box(ground, {x: 0, y: 0, width: sheet.width, height: sheet.height});
  context.drawImage(canvas, 0, top, canvas.width / scale, canvas.height / scale);
  if (picture) {
    head((...line) => words(text, ...line));
    const bar = {...BAR_PX, y: BAR_PX.y + top};
    const shade = context.createLinearGradient(bar.x, 0, bar.x + bar.width, 0);
    colors.forEach((color, i) => shade.addColorStop(i / (colors.length - 1), color));
    box(shade, bar);
    const [low, high] = ["legend-low", "legend-high"].map(id => find(id).value);
    words(text, 11, low, bar.x, bar.y + 24);
    words(text, 11, high, bar.x + bar.width - context.measureText(high).width, bar.y + 24);
    const plot = liqmap.layout().el.getBoundingClientRect(), tag = find("spot").getBoundingClientRect();
    const {width, height} = tag, x = tag.x - plot.x, y = tag.y - plot.y + top;
    if (width) {
      box(text, {x, y, width, height});
      words(ground, 11, liqmap.priceWords(picture.spot), x + 5, y + height / 2 + 4);
    }
  }
  return sheet;
}

async function png() {
  const {picture} = liqmap;
  const sheet = drawn(picture?.colors.palette.split(","), LINE_PX, line => {
    const nature = picture.watermark ? liqmap.say("SIMULATED") : liqmap.say("estimate");
    line(13, [document.title, liqmap.instantAt(-1), nature].join(" · "), 10, 20);
    line(11, location.href.replace(/^https?:\/\//, "").slice(0, LONGEST), 10, 20 + LINE_PX / 2 - 2);
  });
  return new Promise(done => sheet.toBlob(done, "image/png"));
}

Object.assign(liqmap, {png, drawn});
