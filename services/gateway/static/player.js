// Each answer is saved at once; without a connection it stays on this device and goes out when the line is back.
// Every question is in the page already, so going on needs no network.
const by = (id) => document.getElementById(id);
const play = by("play");
const its = play.dataset;
const { attempt, send, csrf, now, ends } = its;
const overview = play.querySelector(".overview");
const line = by("state");
const pages = [...play.querySelectorAll("form.page")];
const asked = new Map([...play.querySelectorAll(".question")].map((each) => [each.dataset.item, each]));
const leave = by("hand-in");
const KEY = `play:${attempt}:`;
const MOST_BYTES = 40000;

// One name a tab, counting its own answers; storage may be forbidden, then the tab alone remembers.
const memory = new Map();
const store = (area) => ({
  get: (key) => { try { return area().getItem(key); } catch { return memory.get(key) ?? null; } },
  set: (key, value) => { memory.set(key, value); try { area().setItem(key, value); } catch { /* memory has it */ } },
});
const local = store(() => localStorage);
const tab = store(() => sessionStorage);
const device = tab.get("device") ?? crypto.getRandomValues(new Uint32Array(3)).join("-");
tab.set("device", device);
const nextNumber = () => {
  tab.set("number", Number(tab.get("number")) + 1);
  return Number(tab.get("number"));
};

// The server's clock decides. A page kept for offline use is older than it says: the larger offset is the truer.
let offset = Math.max(Date.parse(now) - Date.now(), Number(local.get(`${KEY}offset`) ?? -Infinity));
const serverTime = () => new Date(Date.now() + offset).toISOString();

const kept = (item) => JSON.parse(local.get(`${KEY}item:${item}`) ?? "null");
const keep = (entry) => local.set(`${KEY}item:${entry.item_id}`, JSON.stringify(entry));
// `sent`: the server has judged it; `why`: for what reason it was not taken.
const unsent = () => [...asked.keys()].map(kept).filter((each) => each && !each.sent);

// A line that grew or shrank between press and release would move the button from under the finger: its words wait.
let held = null;
const say = (words, kind = "") => {
  if (held) return void (held = [words, kind]);
  if (line.textContent !== words) line.textContent = words;
  line.className = `state-line ${kind}`;
};

const parts = (q) => [...q.querySelectorAll("select[data-part]")];
const picked = (q) => parts(q).filter((each) => each.value);
const ticked = (q) => [...q.querySelectorAll("input:checked")].map((each) => each.value);
const readers = {
  single: (q) => ticked(q)[0] ?? null,
  multiple: (q) => (ticked(q).length ? ticked(q) : null),
  true_false: (q) => ({ true: true, false: false })[ticked(q)[0]] ?? null,
  matching: (q) => {
    const links = picked(q).map((each) => [each.dataset.part, each.value]);
    return links.length ? Object.fromEntries(links) : null;
  },
  ordering: (q) => {
    const placed = picked(q);
    if (!placed.length) return null;
    if (placed.length < parts(q).length) return undefined;
    return placed.sort((a, b) => a.value - b.value).map((each) => each.dataset.part);
  },
};
const read = (q) => (readers[q.dataset.kind] ?? typed)(q);
const field = (q) => q.querySelector("textarea, .field input");
function typed(q) { return field(q).value.trim() || null; }

function show(q, answer) {
  const kind = q.dataset.kind;
  if (kind === "matching") for (const each of parts(q)) each.value = answer?.[each.dataset.part] ?? "";
  else if (kind === "ordering") for (const each of parts(q)) each.value = answer ? answer.indexOf(each.dataset.part) + 1 || "" : "";
  else if (field(q)) field(q).value = answer ?? "";
  else for (const each of q.querySelectorAll("fieldset input")) each.checked = [answer].flat().map(String).includes(each.value);
}

// A new place pushes out whoever had it; the last line left gets the last place.
function makeRoom(q, changed, before) {
  const had = picked(q).find((each) => each !== changed && each.value === changed.value);
  if (had) had.value = before;
  const empty = parts(q).filter((each) => !each.value);
  const taken = parts(q).map((each) => each.value);
  if (empty.length === 1 && !had) empty[0].value = parts(q).map((_, at) => String(at + 1)).find((place) => !taken.includes(place)) ?? "";
}

// An answer that was not taken stays where it was given, and is never counted as one.
function mark(item) {
  const q = asked.get(item);
  const link = overview.querySelector(`[data-item="${item}"]`);
  const why = kept(item)?.why ?? "";
  const note = q.querySelector(".not-taken");
  note.hidden = !why;
  note.lastChild.textContent = why;
  const done = !why && (read(q) ?? null) !== null;
  link.classList.toggle("done", done);
  link.classList.toggle("refused", why !== "");
  link.setAttribute("aria-label", (why ? its.refused : done ? its.done : its.open).replace("{n}", link.dataset.n));
  const count = overview.querySelectorAll(".done").length;
  by("meter").value = count;
  by("tally").textContent = its.tally.replace("{n}", count);
}

const waiting = new Map();
function answered(q) {
  const item = q.dataset.item;
  clearTimeout(waiting.get(item));
  waiting.delete(item);
  const answer = read(q);
  const before = kept(item);
  if (answer === undefined) say(its.places, "wait");
  else if (before?.why || JSON.stringify(before?.answer) !== JSON.stringify(answer)) {
    keep({ item_id: item, answer, device, number: nextNumber(), given_at: serverTime(), language: q.dataset.tongue });
    flush();
  }
  mark(item);
}
const soon = (q) => {
  clearTimeout(waiting.get(q.dataset.item));
  waiting.set(q.dataset.item, setTimeout(() => answered(q), 700));
};
const hurry = () => [...waiting.keys()].forEach((item) => answered(asked.get(item)));

let sending = null;
let again = 0;
let tries = 0;
const flush = () => (sending ??= sendAll().finally(() => { sending = null; }));

async function sendAll() {
  clearTimeout(again);
  for (let batch = nextBatch(); batch.length; batch = nextBatch()) {
    if (!line.classList.contains("offline")) say(its.saving);
    const outcome = await post(batch);
    if (outcome) return void (outcome === "offline" && later());
  }
  tries = 0;
  if (line.classList.contains("offline")) say(its.saved, "kept");
}

function nextBatch() {
  const batch = [];
  let bytes = 0;
  for (const { sent, ...entry } of unsent()) {
    bytes += new Blob([JSON.stringify(entry)]).size;
    if (batch.length && bytes > MOST_BYTES) break;
    batch.push(entry);
  }
  return batch;
}

function later() {
  say(its.offline, "offline");
  again = setTimeout(flush, Math.min(30000, 2000 * 2 ** tries++));
}

async function post(answers) {
  let reply, body;
  try {
    reply = await fetch(send, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: JSON.stringify({ answers }) });
    body = await reply.json();
  } catch { return "offline"; }
  if (reply.status >= 500 || reply.status === 429) return "offline";
  if (!reply.ok) {
    say(body.detail, "refused");
    return "refused";
  }
  offset = Date.parse(body.server_now) - Date.now();
  local.set(`${KEY}offset`, offset);
  settle(answers, body);
}

function settle(answers, body) {
  const said = new Map(body.results.map((each) => [each.item_id, each]));
  let words = its.saved, kind = "kept";
  for (const entry of answers) {
    const { saved, problem } = said.get(entry.item_id) ?? {};
    const own = kept(entry.item_id);
    if (own?.device === entry.device && own.number === entry.number) keep({ ...entry, sent: true, why: problem });
    const newer = !saved && body.answers?.[entry.item_id];
    if (problem) [words, kind] = [problem, "refused"];
    else if (newer) {
      show(asked.get(entry.item_id), newer.answer);
      words = its.newer;
    }
    mark(entry.item_id);
  }
  say(words, kind);
}

// What the page does not know: answers not sent yet, or given after it was made.
function takeUp() {
  for (const [item, q] of asked) {
    const own = kept(item);
    if (own && (!own.sent || own.given_at > new Date(q.dataset.savedAt || 0).toISOString())) show(q, own.answer);
    else if (own) keep({ ...own, why: undefined });
    mark(item);
  }
  if (unsent().length) flush();
}

const pageOf = (number) => pages.findLast((page) => Number(page.dataset.q) <= number) ?? pages[0];
function go(number, quietly) {
  const page = pageOf(number);
  for (const each of pages) each.hidden = each !== page;
  for (const link of overview.querySelectorAll("a")) link.setAttribute("aria-current", page.contains(asked.get(link.dataset.item)) && "step");
  const heading = page.querySelector("h2");
  document.title = document.title.replace(/^[^·]*/, `${heading.textContent} `);
  if (quietly) return;
  history.pushState({ number }, "", `?q=${number}`);
  heading.focus({ preventScroll: true });
  page.scrollIntoView({ block: "start" });
}

// A page kept for offline use opens where it was made; the address says where one is.
const first = pages.find((page) => !page.hidden).dataset.q;
const follow = () => go(Number(new URLSearchParams(location.search).get("q") ?? first), true);

function speak(q, language) {
  q.dataset.tongue = language;
  for (const each of q.querySelectorAll(`[data-${language}]`)) {
    const words = each.dataset[language];
    if (each.tagName === "IMG") each.alt = words;
    else each.textContent = words;
    each.lang = language;
  }
  for (const each of q.querySelectorAll(".switch button")) each.setAttribute("aria-pressed", String(each.lang === language));
}

async function handIn(event) {
  event?.preventDefault();
  hurry();
  await flush();
  if (unsent().length) return void (line.classList.contains("refused") || say(its.wait, "offline"));
  try {
    await fetch(leave.href, { method: "HEAD" });
    location.assign(leave.href);
  } catch { say(its.wait, "offline"); }
}

for (const page of pages) {
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = event.submitter?.value ?? "";
    hurry();
    if (wanted.startsWith("in:")) speak(event.submitter.closest(".question"), wanted.slice(3));
    else if (wanted === "hand-in") handIn();
    else go(Number(wanted));
  });
  page.addEventListener("focusin", ({ target }) => { if (target.matches("select")) target.dataset.before = target.value; });
  page.addEventListener("change", ({ target }) => {
    const q = target.closest(".question");
    if (!q) return;
    if (q.dataset.kind === "ordering") makeRoom(q, target, target.dataset.before ?? "");
    target.dataset.before = target.value;
    answered(q);
  });
  page.addEventListener("input", ({ target }) => { if (target === field(target.closest(".question") ?? page)) soon(target.closest(".question")); });
}
overview.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  hurry();
  go(Number(link.dataset.n));
});
leave.addEventListener("click", handIn);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  if (event.target.matches("select, textarea, input:not([type=radio]):not([type=checkbox])")) return;
  const page = pages.find((each) => !each.hidden);
  const q = event.target.closest?.(".question") ?? page.querySelector(".question");
  const row = q.querySelectorAll(".choices input")[Number(event.key) - 1];
  if (row) { event.preventDefault(); row.focus(); row.click(); }
});
addEventListener("pointerdown", () => { held ??= []; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => {
  const last = held;
  held = null;
  if (last?.length) say(...last);
}), true);
addEventListener("popstate", follow);
addEventListener("online", () => { tries = 0; flush(); });
addEventListener("offline", () => say(its.offline, "offline"));
document.addEventListener("visibilitychange", () => { if (document.hidden) hurry(); else if (unsent().length) flush(); });

if (ends) {
  const left = by("left");
  const tick = () => {
    const minutes = Math.ceil((Date.parse(ends) - Date.now() - offset) / 60000);
    left.textContent = its.left.replace("{n}", Math.max(0, minutes));
    if (minutes <= 0) { clearInterval(timer); handIn(); }
  };
  const timer = setInterval(tick, 10000);
}

takeUp();
follow();
navigator.serviceWorker?.register("/play/worker.js").catch(() => { /* this page works without it */ });
