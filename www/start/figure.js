// The figure comes once the worker has begun and the controls are heard: a script that the page
// itself names would hold both Pythons back until it has run.
const SCRIPTS = [["runtime/bokeh/bokeh.min.js", ""], ["chart.js", "module"]];
const {integrity} = JSON.parse(document.querySelector("script[type=importmap]").textContent);
// A screen as of a phone, which has room for one chart: as the style sheet has it.
liqmap.narrow = matchMedia("(max-width: 40em), (max-width: 68.75em) and (max-height: 30em)");
liqmap.figure = new Promise(embedded => { liqmap.embedded = embedded; });

liqmap.embed = () => {
  for (const [src, type] of SCRIPTS) {
    const script = document.createElement("script");
    // In this order; `defer` only tells the guard to watch it.
    Object.assign(script, {src, type, integrity: integrity[`./${src}`], async: false, defer: true});
    document.head.append(script);
  }
};
