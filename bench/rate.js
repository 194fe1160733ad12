// What `rate.py` measures in the page.
const rate = globalThis.rate = {tasks: [], ticks: []};
new PerformanceObserver(list => rate.tasks.push(...list.getEntries().map(one => one.duration)))
  .observe({type: "longtask"});

// Once `ready` holds, after the frame that then draws.
rate.painted = ready => new Promise(done => {
  const look = () => {
    if (!ready()) return requestAnimationFrame(look);
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(null);
  };
  requestAnimationFrame(look);
});

// The time of each frame in which the picture moved: until the next one [ms].
rate.begin = () => {
  const ends = () => ["time_range", "price_range"].map(liqmap.named).flatMap(one => [one.start, one.end]).join();
  rate.frames = [];
  let before = ends(), moved = false, last = 0;
  const frame = now => {
    if (moved) rate.frames.push(now - last);
    [moved, before, last] = [ends() !== before, ends(), now];
    rate.running = requestAnimationFrame(frame);
  };
  rate.running = requestAnimationFrame(frame);
};
rate.end = () => { cancelAnimationFrame(rate.running); return rate.frames; };

// Until no picture has come for a while.
rate.settled = () => new Promise(done => {
  let picture = liqmap.picture, since = performance.now();
  const look = () => {
    if (liqmap.picture !== picture) [picture, since] = [liqmap.picture, performance.now()];
    if (performance.now() - since > 700) done(); else requestAnimationFrame(look);
  };
  look();
});

// From the next event of a control to the picture that follows it.
rate.await = (selector, name) => {
  const before = liqmap.picture;
  rate.awaited = new Promise(done => document.querySelector(selector).addEventListener(name, async () => {
    const began = performance.now();
    done(await rate.painted(() => liqmap.picture !== before) - began);
  }, {once: true, capture: true}));
};

// From a chosen value to its picture.
rate.change = async (selector, value) => {
  const before = liqmap.picture, began = performance.now();
  let control = document.querySelector(selector);
  if (control.type === "radio") document.querySelector(`${selector}[value="${value}"]`).click();
  else {
    control.focus();
    control.value = value;
    control.dispatchEvent(new Event("change", {bubbles: true}));
  }
  return await rate.painted(() => liqmap.picture !== before) - began;
};

// From an answer that the worker has read to the picture on the screen.
rate.follow = () => document.querySelector("script[name=liqmap]").xworker.addEventListener("message", async ({data}) => {
  if (data.kind === "heatmap" && data.heard_ms)
    rate.ticks.push(await rate.painted(() => true) + performance.timeOrigin - data.heard_ms);
});
rate.tick = () => {
  const before = liqmap.picture;
  return rate.painted(() => liqmap.picture !== before);
};

// More cells and candles than the page makes for any screen; the worker answers no more.
rate.fill = () => {
  const COLUMNS = 2016, ROWS = 800, {image, sources} = liqmap.picture;
  const cells = (Kind, of) => Kind.from({length: ROWS * COLUMNS}, (_, i) => {
    const row = Math.floor(Math.floor(i / COLUMNS) / ROWS * image.rows);
    return of[row * image.columns + Math.floor(i % COLUMNS / COLUMNS * image.columns)];
  });
  const squeezed = {};
  for (const [name, columns] of Object.entries(sources)) {
    // Copies of the candles, a part of a column apart, and each as much narrower.
    const times = Math.round(COLUMNS / image.columns), step = image.dw / image.columns;
    squeezed[name] = {};
    for (const [column, values] of Object.entries(columns)) {
      const copies = Array.from({length: times}, (_, k) => Array.from(values, at => {
        if (column !== "time") return at;
        const first = image.x + Math.floor((at - image.x) / step) * step;
        return first + (at - first + k * step) / times;
      }));
      squeezed[name][column] = Float64Array.from(copies.flat());
    }
  }
  liqmap.worker = null;
  liqmap.paint({...liqmap.picture, detail: false, leverages: "", sources: squeezed,
    times: "\n".repeat(COLUMNS - 1), closes: new Float64Array(COLUMNS),
    image: {...image, rows: ROWS, columns: COLUMNS,
      rgba: cells(Uint32Array, image.rgba), quote: cells(Float32Array, image.quote)}});
};
