// A frame of another page, `?embed=1`: its look is there before anything is painted, its height is
// told to the page around it, and that page may choose between dark and light.
(() => {
  const root = document.documentElement, find = id => document.getElementById(id);
  const query = () => new URLSearchParams(location.search);
  if (query().get("embed") !== "1") return;
  root.dataset.embed = "";

  // A wheel scrolls the page around, as everywhere; with Ctrl, as a pinch has it, it zooms.
  document.addEventListener("wheel", event => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  }, {capture: true});

  // Title and age stand in the source line. The picture fills the frame; the height that is told
  // is the one with which the picture is as high as its width asks for.
  document.addEventListener("readystatechange", () => {
    const picture = find("picture"), full = find("full");
    find("source").prepend(find("title"));
    find("source").append(find("age"));
    let told = 0;
    const tell = () => {
      const others = document.body.scrollHeight - picture.getBoundingClientRect().height;
      const height = Math.round(others + parseFloat(getComputedStyle(picture).flexBasis));
      if (height !== told) parent.postMessage({type: "liqmap:height", height: told = height}, "*");
    };
    const watch = new ResizeObserver(tell);
    if (parent !== window) for (const id of ["picture", "source", "messages"]) watch.observe(find(id));
    const name = () => {
      const link = query();
      link.delete("embed");
      full.search = link;
    };
    for (const event of ["pointerover", "focus"]) full.addEventListener(event, name);
    name();
  }, {once: true});

  addEventListener("message", ({source, data}) => {
    const theme = data?.type === "liqmap:theme" ? data.theme : "";
    if (source !== parent || parent === window || !["dark", "light"].includes(theme)) return;
    const link = query(), select = document.querySelector("[name=theme]");
    link.set("theme", theme);  // for what has not read it yet
    history.replaceState(null, "", `?${link}`);
    root.dataset.theme = theme;
    if (!select) return;
    select.value = theme;
    select.dispatchEvent(new Event("change", {bubbles: true}));
  });
})();
