// All storage of the page. A browser may forbid it by throwing, which MicroPython cannot catch.
function kept(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function keep(name, text) {
  try {
    localStorage.setItem(name, text);
    return true;
  } catch {
    return false;
  }
}

// Whether there is room for an image of a started Python, and none yet.
async function wantsImage() {
  try {
    return !await caches.has("liqmap-snapshot");
  } catch {
    return false;
  }
}

// What Python and the other scripts share; `worker` and `picture` come later.
Object.assign(liqmap, {worker: null, picture: null, kept, keep, wantsImage});
