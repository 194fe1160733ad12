// The picture as an image: the charts, the legend and the price's tag, under a line of words.
const root = document.documentElement;
const find = id => document.getElementById(id);
const LINE_PX = 44, BAR_PX = {x: 12, y: 12, width: 240, height: 12};
const LONGEST = 120;  // characters of the address

async function png() {
  const {canvas} = liqmap.layout().export("png", true), {picture} = liqmap;
  const scale = canvas.width / find("plot").clientWidth, style = getComputedStyle(root);
  const [ground, text] = ["--ground", "--text"].map(name => style.getPropertyValue(name));
  const sheet = document.createElement("canvas");
  Object.assign(sheet, {width: canvas.width, height: canvas.height + LINE_PX * scale});
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
  context.drawImage(canvas, 0, LINE_PX, canvas.width / scale, canvas.height / scale);
  if (picture) {
    const nature = picture.watermark ? "SIMULATED" : "estimate";
    words(text, 13, [document.title, `${liqmap.timeAt(-1)} UTC`, nature].join(" · "), 10, 20);
    const address = location.href.replace(/^https?:\/\//, "").slice(0, LONGEST);
    words(text, 11, address, 10, 20 + LINE_PX / 2 - 2);
    const bar = {...BAR_PX, y: BAR_PX.y + LINE_PX}, colors = picture.colors.palette.split(",");
    const shade = context.createLinearGradient(bar.x, 0, bar.x + bar.width, 0);
    colors.forEach((color, i) => shade.addColorStop(i / (colors.length - 1), color));
    box(shade, bar);
    const [low, high] = ["legend-low", "legend-high"].map(id => find(id).value);
    words(text, 11, low, bar.x, bar.y + 24);
    words(text, 11, high, bar.x + bar.width - context.measureText(high).width, bar.y + 24);
    const plot = find("plot").getBoundingClientRect(), tag = find("spot").getBoundingClientRect();
    const {width, height} = tag, x = tag.x - plot.x, y = tag.y - plot.y + LINE_PX;
    if (width) {
      box(text, {x, y, width, height});
      words(ground, 11, liqmap.priceWords(picture.spot), x + 5, y + height / 2 + 4);
    }
  }
  return new Promise(done => sheet.toBlob(done, "image/png"));
}

Object.assign(liqmap, {png});
