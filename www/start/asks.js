// The exchange is asked while Python is on its way: what it was asked first when this view was
// opened last, on a first visit what the default view asks. The answers go to Python unread.
const PLAN = "liqmap-plan", view = location.search;
const answers = [];

function planned() {
  const known = kept(PLAN);
  if (!known) return view ? [] : JSON.parse(root.dataset.plan);
  const [of, requests] = JSON.parse(known);
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
  if (!cleared) keep(PLAN, JSON.stringify([location.search, JSON.parse(requests)]));
}

quietly(ask);
globalThis.liqmapStart = {answers, plan};
