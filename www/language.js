// The page's language: the link's, else the browser's first that there is, else English. Its catalogue
// replaces English sentences in the document; the build finds the same ones (tools/build/sentences.py).
(function () {
  "use strict";
  const root = document.documentElement;
  const KNOWN = ["en", ...root.dataset.languages.split(" ").filter(Boolean)];
  const WITHIN = new Set("A ABBR B CODE EM KBD STRONG SUB SUP".split(" "));  // part of a sentence
  const SILENT = new Set("SCRIPT STYLE PY-CONFIG SVG TEXTAREA HEAD".split(" "));
  const SPOKEN = ["aria-label", "title", "placeholder"];

  // Of a language of the browser: the known one that its reader reads.
  function known(tag) {
    try {
      const {language, script} = new Intl.Locale(tag).maximize();
      return [tag, `${language}-${script}`, language].find(one => KNOWN.includes(one)) || "";
    } catch (error) {
      return "";
    }
  }

  const asked = known(new URLSearchParams(location.search).get("lang") || "");
  const tag = asked || (navigator.languages || []).map(known).find(Boolean) || "en";
  // Numbers and dates as in the reader's own country, where it is one of this language.
  const own = (navigator.languages || []).find(one => known(one) === tag);
  const locale = tag === "en" ? "en-US" : own || tag;
  let sentences = {}, plural = [];
  root.lang = tag;

  const look = sentence => Object.hasOwn(sentences, sentence) ? sentences[sentence] : sentence;

  // A sentence that depends on a number, without its slots filled: Python does that.
  function sayCount(one, many, number) {
    const forms = look(one);
    if (typeof forms === "string") return number === 1 ? one : many;
    return forms[plural.indexOf(new Intl.PluralRules(tag).select(number))] ?? forms.at(-1);
  }

  // 1. The document. A run is what stands between two elements that are no part of a sentence.
  function translate(within) {
    let nodes = [], words = "", elements = 0;
    const end = () => {
      const run = words.split(/\s+/).join(" ").trim(), whole = /^<1>([^<]*)<\/1>$/.exec(run);
      const key = whole ? whole[1] : run, said = look(key);
      if (said !== key) put(nodes, whole ? `<1>${said}</1>` : said, run);
      nodes = []; words = ""; elements = 0;
    };
    const walk = element => {
      for (const name of SPOKEN) {
        const text = element.getAttribute(name);
        if (text && look(text) !== text) element.setAttribute(name, look(text));
      }
      if (SILENT.has(element.tagName.toUpperCase()) || element.getAttribute("translate") === "no") return;
      const inner = WITHIN.has(element.tagName);
      if (inner) words += `<${++elements}>`;
      else end();
      for (const node of [...element.childNodes]) {
        if (node.nodeType === Node.TEXT_NODE) {
          words += node.data;
          if (!inner || !elements) nodes.push(node);  // a run may begin within an element
        } else if (node.nodeType === Node.ELEMENT_NODE) {
          if (WITHIN.has(node.tagName)) nodes.push(node);
          walk(node);
        }
      }
      if (inner && elements) words += `</${elements}>`;
      else end();
    };
    walk(within);
    end();
  }

  // A translated run in place of its nodes; an element whose words stay keeps what is in it.
  function put(nodes, said, run) {
    const elements = nodes.filter(node => node.nodeType === Node.ELEMENT_NODE);
    const before = [...run.matchAll(/<(\d)>([^<]*)<\/\1>/g)].map(found => found[2]);
    const parts = said.split(/<(\d)>([^<]*)<\/\1>/);  // text, number, inner text, text, …
    const first = nodes.find(node => node.parentNode), box = first.parentNode;
    const made = [];
    for (let i = 0; i < parts.length; i += 3) {
      if (parts[i]) made.push(document.createTextNode(parts[i]));
      if (i + 1 >= parts.length) break;
      const element = elements[parts[i + 1] - 1];
      if (parts[i + 2] !== before[parts[i + 1] - 1]) element.textContent = parts[i + 2];
      made.push(element);
    }
    const texts = nodes.filter(node => node.nodeType === Node.TEXT_NODE);
    const [begin, close] = [nodes[0], nodes.at(-1)].map(node => node.nodeType === Node.TEXT_NODE ? node.data : "");
    if (/^\s/.test(begin)) made.unshift(document.createTextNode(" "));
    if (/\s$/.test(close)) made.push(document.createTextNode(" "));
    const after = nodes.at(-1).nextSibling;
    for (const text of texts) text.remove();
    for (const one of made) box.insertBefore(one, after);
  }

  // 2. Numbers and dates, as liqmap/words.py writes them: `{}` is the number's place.
  function forms() {
    const whole = ({type}) => type === "integer" || type === "group";
    const place = parts => parts.map((part, i) => !whole(part) ? part.value : whole(parts[i - 1] || {}) ? "" : "{}").join("");
    const dollars = {style: "currency", currency: "USD", currencyDisplay: "narrowSymbol"};
    const numbers = options => new Intl.NumberFormat(locale, options);
    const {decimal, group} = Object.fromEntries(
      numbers().formatToParts(-1234567.5).map(({type, value}) => [type, value]));
    const sizes = new Map();
    for (let power = 12; power >= 3; power -= 1) {
      const parts = numbers({...dollars, notation: "compact", maximumFractionDigits: 0}).formatToParts(10 ** power);
      const digits = parts.filter(part => part.type === "integer").map(part => part.value).join("").length;
      const size = 10 ** (power - digits + 1);
      if (size > 1) sizes.set(size, place(parts));
    }
    const day = new Intl.DateTimeFormat(locale, {day: "numeric", month: "short", timeZone: "UTC"});
    const months = Array.from({length: 12}, (_, month) => day.formatToParts(Date.UTC(2026, month, 7))
      .map(({type, value}) => type === "day" ? "{}" : value).join(""));
    return JSON.stringify({
      decimal, group: group || "", months,
      percent: place(numbers({style: "percent"}).formatToParts(0.07)),
      usd: place(numbers({...dollars, maximumFractionDigits: 0}).formatToParts(7)),
      sizes: [...sizes].sort(([one], [other]) => other - one),
    });
  }

  // A catalogue that does not come leaves the page in English.
  async function load() {
    if (tag === "en") return;
    try {
      const reply = await fetch(`languages/${tag}.json`);
      ({sentences, plural} = await reply.json());
    } catch (error) {
      console.warn(`The sentences of ${tag} did not come: ${error}`);
      return;
    }
    if (document.readyState === "loading")
      await new Promise(done => document.addEventListener("DOMContentLoaded", done, {once: true}));
    translate(root);
  }

  const here = new URLSearchParams(location.search).get("clock") === "local";  // times of the device's zone
  Object.assign(window.liqmap, {here, look, sayCount, language: tag, locale, forms: () => tag === "en" ? "" : forms()});
  window.liqmap.spoken = load();
})();
