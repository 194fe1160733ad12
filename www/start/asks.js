// The exchange is asked while Python is on its way: what it was asked first when this view was
// opened last, on a first visit what the default view asks. The answers go to Python unread.
const PLAN = "liqmap-plan", view = location.search;
const answers = [];

function planned() {
  let kept;  // read here, since boot.js may come later; an empty one is a first visit
  try {
    kept = localStorage.getItem(PLAN);
  } catch {
    return [];
  }
  if (kept === null) return view ? [] : JSON.parse(root.dataset.plan);
  const [of, requests] = JSON.parse(kept);
  return of === view ? requests : [];
}

async function ask() {
  const requests = planned();
  if (!requests.length) return;
  const {origins} = await (await fetch("site.json")).json();
  await Promise.all(requests.map(async ([venue, origin, path]) => {
    const url = (origins[venue] ?? origin) + path;
    const reply = await fetch(url, {cache: "no-store", credentials: "omit"});
    answers.push({url, status: reply.status, body: await reply.arrayBuffer()});
  }));
}

// After a failure nothing is planned: a venue that refuses is not asked before its time.
function plan(requests) {
  if (!cleared) liqmap.keep(PLAN, JSON.stringify([location.search, JSON.parse(requests)]));
}

quietly(ask);
globalThis.liqmapStart = {answers, plan};
