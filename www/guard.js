// Watches the start: until Python has spoken, it says what is wrong and offers another try.
// A classic script of 2017's JavaScript, which the build writes into the page: it needs no file.
(function () {
  "use strict";
  const root = document.documentElement;
  const base = new URL("./", document.baseURI).href;
  // A test may have less patience.
  const patience_s = window.liqmapPatience_s || 20;
  const published = JSON.parse(document.querySelector("script[type=importmap]").textContent).integrity;
  window.liqmap = {stopped, fail, say, look: sentence => sentence};
  const waits = new Set(), broken = new Set();  // files of ours
  let proved = false, failed = false, idle_s = 0;
  let stalled = "";  // the state before nothing moved any more

  // A sentence with its `{slots}` filled; `liqmap.look` finds its translation, once there are some.
  function say(sentence, slots) {
    return window.liqmap.look(sentence).replace(/\{(\w+)\}/g, (all, name) => slots[name]);
  }

  const again = () => say("Try again. If that does not help, something on the way blocks or changes the files of "
    + "this page: an extension, a proxy, a network that asks to sign in.");

  // The path of a file of ours, else "".
  function ours(address) {
    const url = String(address).replace(/[?#].*/, "");
    return url.startsWith(base) ? url.slice(base.length) : "";
  }

  function show(state, sentence, detail) {
    if (proved) return;
    const find = id => document.getElementById(id);
    if (!find("details")) {  // the body is on its way
      document.addEventListener("readystatechange", () => show(state, sentence, detail), {once: true});
      return;
    }
    root.dataset.state = state;
    find("status").textContent = sentence;
    if (state === "failed") find("said-state").textContent = sentence;
    find("retry").hidden = state !== "failed";
    find("details").hidden = !detail;
    find("details").querySelector("pre").textContent = detail;
  }

  // The first that is wrong is said: what follows is mostly its consequence.
  function fail(sentence, detail) {
    if (proved || failed) return;
    failed = true;
    show("failed", sentence, String(detail || ""));
  }

  function lost(file, why) {
    broken.add(file);
    fail(say("{file} did not arrive as it was published. {again}", {file, again: again()}), why);
  }

  function moved() {
    idle_s = 0;
    if (stalled && !failed) show(stalled, say("Starting…"), "");
    stalled = "";
  }

  // PyScript opens a database for folders, which this page has none of; where storage is forbidden
  // that throws. This one is never there.
  try {
    Object.defineProperty(window, "indexedDB", {value: {open: () => ({})}});
  } catch (error) { /* then the browser's own */ }

  // 1. What this browser lacks.
  const needs = {
    "WebAssembly": () => WebAssembly.instantiateStreaming && WebAssembly.compileStreaming,
    "workers": () => Worker,
    "module workers": () => {
      let read = false;
      try {
        new Worker("http://[", {get type() { read = true; return "module"; }});  // no address: none starts
      } catch (error) { /* as meant */ }
      return read;
    },
    "BroadcastChannel": () => BroadcastChannel,
    "BigInt": () => BigInt,
    "canvas": () => document.createElement("canvas").getContext("2d"),
    "structuredClone": () => structuredClone,
    "recent JavaScript": () => Array.prototype.at && String.prototype.replaceAll && Object.hasOwn,
  };
  const missing = Object.keys(needs).filter(name => {
    try {
      return !needs[name]();
    } catch (error) {
      return true;
    }
  });
  if (missing.length)
    fail(say("This browser lacks {what}, or has it switched off. liqmap computes in your browser and needs it: "
      + "a newer browser helps, or one without a strict mode for this page.", {what: missing.join(", ")}));

  // 2. Files: what this page fetches is compared with what was published.
  const plain = window.fetch;
  window.fetch = function (input, options) {
    const file = ours(new URL((input && input.url) || input, base));
    // Without the sentences of its language the page speaks English.
    if (!file || proved || file.startsWith("languages/")) return plain.call(window, input, options);
    const integrity = published["./" + file];
    waits.add(file);
    return plain.call(window, input, integrity ? Object.assign({}, options, {integrity}) : options).then(
      reply => {
        waits.delete(file);
        if (reply.ok) moved();
        else lost(file, `${file}: ${reply.status}`);
        return reply;
      },
      error => {
        waits.delete(file);
        lost(file, `${file}: ${error.message}`);
        throw error;
      });
  };
  const tags = () => Array.from(document.querySelectorAll("link[rel=modulepreload], script[type=module], script[defer]"));
  const loaded = new Set();
  document.addEventListener("load", event => {
    loaded.add(event.target);
    moved();
  }, true);

  // 3. What is thrown. Extensions throw, too: only what mentions our files counts.
  addEventListener("error", event => {
    const at = event.target;
    if (at && at.tagName) {
      loaded.add(at);
      // A script fails with the file that it imports, which is named if it is loaded ahead.
      const file = tags().includes(at) && ours(at.src || at.href);
      if (file && at.type === "module") setTimeout(lost, 200, file, event.type);
      else if (file) lost(file, event.type);
    } else if (ours(event.filename) && !/ResizeObserver/.test(event.message))
      stopped(event.error || event.message);
  }, true);
  addEventListener("unhandledrejection", event => {
    const reason = event.reason || {};
    if (String(reason.stack).includes(base)) stopped(reason);
  });
  document.addEventListener("securitypolicyviolation", event => {
    const file = ours(event.blockedURI), own = document.querySelector("meta[http-equiv]").content;
    if (file && event.originalPolicy === own)  // which allows our files: this one led elsewhere
      lost(file, `${file}: led to another site`);
    else if (file || /eval|blob/.test(event.blockedURI))
      fail(say("A rule of this site’s server, or of an extension, forbids what the page needs. "
        + "Try without extensions."), `${event.violatedDirective}: ${event.blockedURI}`);
  });

  function stopped(error) {
    fail(say("The page could not start. Try again; a newer browser may help."), error.stack || error);
  }

  // 4. What the worker says: how far it is, then anything else, which proves that it lives.
  function hear(event) {
    const message = event.data || {};
    if (message.kind === "boot") boot(message);
    else if (message.kind) proved = true;
    else if (message instanceof Error) stopped(message);
  }

  function boot(message) {
    moved();
    if (message.restored) root.dataset.restored = "";
    if (message.file) lost(message.file, message.failed);
    else if (message.failed) fail(say("Python could not start. {again}", {again: again()}), message.failed);
    else if (message.total && !failed) {
      const done = Math.min(message.loaded, message.total) / 1e6, total = message.total / 1e6;
      document.getElementById("progress").value = done / total;
      document.getElementById("status").textContent =
        say("Loading Python: {done} of {total} MB", {done: done.toFixed(1), total: total.toFixed(1)});
    }
  }

  const listening = setInterval(() => {
    const script = document.querySelector("script[name=liqmap]");
    if (!script || !script.xworker) return;
    clearInterval(listening);
    script.xworker.addEventListener("message", hear);
    script.xworker.addEventListener("error", event => stopped(event.message || say("The worker failed.")));
  }, 20);

  // 5. Nothing moves. Counted in ticks, so that a sleeping computer is not taken for a slow one.
  const tick_s = Math.min(1, patience_s / 4);
  const ticking = setInterval(() => {
    if (proved) clearInterval(ticking);
    else if ((idle_s += tick_s) >= patience_s && !stalled && !failed) {
      stalled = root.dataset.state;
      const late = tags().filter(tag => !loaded.has(tag));
      const files = Array.from(waits).concat(late.map(tag => ours(tag.src || tag.href)));
      show("failed", say("Nothing has come for {patience} seconds. The page goes on by itself when it does; "
        + "else check your connection, then try again.", {patience: patience_s}), files.length ? `Awaited: ${files.join(", ")}` : "");
    }
  }, 1000 * tick_s);

  // 6. «Try again»: what was not as published is fetched past the browser's memory.
  document.addEventListener("click", event => {
    if (proved || event.target.id !== "retry") return;
    event.target.disabled = true;
    const anew = Array.from(broken).map(file => plain.call(window, base + file, {cache: "reload"})
      .then(reply => reply.arrayBuffer()).catch(() => {}));
    const enough = new Promise(done => setTimeout(done, 1000 * patience_s));
    Promise.race([Promise.all(anew), enough]).then(() => location.reload());
  });
})();
