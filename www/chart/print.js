// What is printed: the picture as it is on screen, on light ground, under words that say what it is.
const root = document.documentElement;
let paper = null, theme = "";

// The image and the legend in the colours of light ground.
function onPaper({colors: {on_paper: colors, palette}, image, other_image: other}) {
  const half = colors.length / 2, bytes = new DataView(new ArrayBuffer(4));
  const light = new Map(Array.from({length: half}, (_, i) => [colors[i], colors[half + i]]));
  const painted = image => image && {...image, rgba: image.rgba.map(one => light.get(one) ?? one)};
  const bar = palette.split(",").map(word => {
    bytes.setUint32(0, parseInt(word.slice(1), 16));
    bytes.setUint32(0, light.get(bytes.getUint32(0, true)), true);
    return `#${bytes.getUint32(0).toString(16).padStart(8, "0")}`;
  });
  return {image: painted(image), other_image: painted(other), bar};
}

function show({image, other_image: other}) {
  liqmap.show("image", image);
  if (other) liqmap.show("other_image", other);
}

// A browser does not wait for a frame before it prints: the figure takes other colours in promises,
// which are kept between one listener and the next.
let light = null;
function lighten() {
  if (!liqmap.picture || paper) return;
  theme = root.dataset.theme;
  root.dataset.theme = "light";
  liqmap.theme();
  show(light = onPaper(liqmap.picture));
}

function draw() {
  const {picture} = liqmap;
  if (!picture || paper) return;
  const words = document.createElement("figcaption"), {say} = liqmap;
  const of = {time: liqmap.instantAt(-1), link: location.href};
  words.textContent = picture.watermark ? say("SIMULATED, bars to {time}. {link}", of)
    : say("Estimated, bars to {time}. {link}", of);
  paper = document.createElement("figure");
  paper.id = "paper";
  paper.append(words, liqmap.drawn(light.bar));
  document.getElementById("stage").before(paper);
}

function toScreen() {
  if (!paper) return;
  paper.remove();
  paper = null;
  root.dataset.theme = theme;
  show(liqmap.picture);
  liqmap.theme();
}

addEventListener("beforeprint", lighten);
addEventListener("beforeprint", draw);
addEventListener("afterprint", toScreen);
