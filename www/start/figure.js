// The figure comes once the worker has begun: everything else waits for Python, and a script that
// the page itself names would hold PyScript back until it has run.
const SCRIPTS = [["runtime/bokeh/bokeh.min.js", ""], ["chart.js", "module"]];
const {integrity} = JSON.parse(document.querySelector("script[type=importmap]").textContent);
liqmap.figure = new Promise(embedded => { liqmap.embedded = embedded; });

function embed() {
  for (const [src, type] of SCRIPTS) {
    const script = document.createElement("script");
    // In this order; `defer` only tells the guard to watch it.
    Object.assign(script, {src, type, integrity: integrity[`./${src}`], async: false, defer: true});
    document.head.append(script);
  }
}

const waiting = setInterval(() => {
  const worker = document.querySelector("script[name=liqmap]")?.xworker;
  if (!worker) return;
  clearInterval(waiting);
  worker.addEventListener("message", embed, {once: true});
}, 5);
