// Each answer is saved at once; without a connection it stays on this device and goes out when the line is back.
// Every question is in the page already, so going on needs no network.
const play = document.getElementById("play");
const { attempt, send, csrf, now, ends, result } = play.dataset;
const line = document.getElementById("state");
const pages = [...play.querySelectorAll("form.page")];
const asked = new Map([...play.querySelectorAll(".question")].map((each) => [each.dataset.item, each]));
const total = asked.size;
const KEY = `play:${attempt}:`;
const MOST_BYTES = 40000;

// One name a tab, counting its own answers; storage may be forbidden, then the tab alone remembers.
const memory = new Map();
const store = (area) => ({
  get: (key) => { try { return area().getItem(key); } catch { return memory.get(key) ?? null; } },
  set: (key, value) => { memory.set(key, value); try { area().setItem(key, value); } catch { /* memory has it */ } },
  keys: () => { try { return Object.keys(area()); } catch { return [...memory.keys()]; } },
});
const local = store(() => localStorage);
const tab = store(() => sessionStorage);
const device = tab.get("device") ?? [...crypto.getRandomValues(new Uint32Array(4))].map((each) => each.toString(36)).join("-");
tab.set("device", device);
const nextNumber = () => {
  const number = Number(tab.get("number") ?? 0) + 1;
  tab.set("number", String(number));
  return number;
};

// The server's clock decides. A page kept for offline use is older than it says: the larger offset is the truer.
let offset = Math.max(Date.parse(now) - Date.now(), Number(local.get(`${KEY}offset`) ?? -Infinity));
const learnTime = (serverNow) => {
  offset = Date.parse(serverNow) - Date.now();
  local.set(`${KEY}offset`, String(offset));
};
const serverTime = () => new Date(Date.now() + offset).toISOString();

const kept = (item) => JSON.parse(local.get(`${KEY}item:${item}`) ?? "null");
const keep = (entry) => local.set(`${KEY}item:${entry.item_id}`, JSON.stringify(entry));
const unsent = () => [...asked.keys()].map(kept).filter((each) => each && !each.sent);

const say = (words, kind = "") => {
  if (line.textContent !== words) line.textContent = words;
  line.className = `state-line ${kind}`;
};

// Reading and writing the controls of one question.
const parts = (question) => [...question.querySelectorAll("select[data-part]")];
const ticked = (question) => [...question.querySelectorAll("input:checked")].map((each) => each.value);
const readers = {
  single: (q) => ticked(q)[0] ?? null,
  multiple: (q) => (ticked(q).length ? ticked(q) : null),
  true_false: (q) => ({ true: true, false: false })[ticked(q)[0]] ?? null,
  matching: (q) => {
    const links = parts(q).filter((each) => each.value).map((each) => [each.dataset.part, each.value]);
    return links.length ? Object.fromEntries(links) : null;
  },
  ordering: (q) => {
    const placed = parts(q).filter((each) => each.value);
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

// A line's new place pushes out whoever had it; the last line left gets the last place.
function makeRoom(q, changed, before) {
  const others = parts(q).filter((each) => each !== changed);
  const had = others.find((each) => each.value && each.value === changed.value);
  if (had) had.value = before;
  const empty = parts(q).filter((each) => !each.value);
  const taken = parts(q).map((each) => each.value);
  if (empty.length === 1 && !had) empty[0].value = parts(q).map((_, at) => String(at + 1)).find((place) => !taken.includes(place)) ?? "";
}

function mark(item) {
  const link = play.querySelector(`.overview a[data-item="${item}"]`);
  const answer = read(asked.get(item));
  const done = answer !== null && answer !== undefined;
  link.classList.toggle("done", done);
  link.setAttribute("aria-label", (done ? play.dataset.done : play.dataset.open).replace("{n}", link.dataset.n));
  const count = play.querySelectorAll(".overview a.done").length;
  document.getElementById("meter").value = count;
  const tally = document.getElementById("tally");
  tally.textContent = tally.dataset.text.replace("{n}", count).replace("{total}", total);
}

// Answering: kept here first, then sent.
const waiting = new Map();
function answered(q) {
  const item = q.dataset.item;
  clearTimeout(waiting.get(item));
  waiting.delete(item);
  const answer = read(q);
  mark(item);
  if (answer === undefined) return say(play.dataset.places, "wait");
  const before = kept(item);
  if (before && JSON.stringify(before.answer) === JSON.stringify(answer)) return undefined;
  keep({ item_id: item, answer, device, number: nextNumber(), given_at: serverTime(), sent: false });
  return flush();
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
    say(play.dataset.saving);
    const outcome = await post(batch);
    if (outcome === "offline") return later();
    if (outcome === "refused") return undefined;
  }
  tries = 0;
  return undefined;
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
  say(play.dataset.offline, "offline");
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
  learnTime(body.server_now);
  return settle(answers, body);
}

function settle(answers, body) {
  const said = new Map(body.results.map((each) => [each.item_id, each]));
  let words = play.dataset.saved, kind = "kept";
  for (const entry of answers) {
    const { saved, problem } = said.get(entry.item_id) ?? {};
    if (kept(entry.item_id)?.number === entry.number) keep({ ...entry, sent: true });
    if (problem) [words, kind] = [problem, "refused"];
    else if (!saved && body.answers?.[entry.item_id]) {
      show(asked.get(entry.item_id), body.answers[entry.item_id].answer);
      mark(entry.item_id);
      [words, kind] = [play.dataset.newer, "kept"];
    }
  }
  say(words, kind);
  return kind;
}

// What this device knows and the page does not: answers not sent yet, or given after this page was made.
function takeUp() {
  for (const [item, q] of asked) {
    const own = kept(item);
    if (own && (!own.sent || own.given_at > new Date(q.dataset.savedAt || 0).toISOString())) show(q, own.answer);
    mark(item);
  }
  if (unsent().length) flush();
}

// Moving on without the network.
const pageOf = (number) => pages.findLast((page) => Number(page.dataset.q) <= number) ?? pages[0];
function go(number, { quietly = false } = {}) {
  const page = pageOf(number);
  for (const each of pages) each.hidden = each !== page;
  const here = [...page.querySelectorAll(".question")].map((each) => each.dataset.item);
  for (const link of play.querySelectorAll(".overview a")) {
    if (here.includes(link.dataset.item)) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
  const heading = page.querySelector("h2");
  document.title = document.title.replace(/^[^·]*/, `${heading.textContent} `);
  if (quietly) return;
  history.pushState({ number }, "", `?q=${number}`);
  heading.focus({ preventScroll: true });
  page.scrollIntoView({ block: "start" });
}

function speak(q, language) {
  for (const each of q.querySelectorAll(`[data-${language}]`)) {
    const words = each.getAttribute(`data-${language}`);
    if (each.tagName === "IMG") each.alt = words;
    else each.textContent = words;
    each.lang = language;
  }
  for (const each of q.querySelectorAll(".switch button")) each.setAttribute("aria-pressed", String(each.lang === language));
}

async function handIn(address) {
  hurry();
  await flush();
  if (unsent().length) return say(play.dataset.wait, "offline");
  try {
    await fetch(address, { method: "HEAD" });
    location.assign(address);
  } catch { say(play.dataset.wait, "offline"); }
  return undefined;
}

for (const page of pages) {
  page.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = event.submitter?.value ?? "";
    hurry();
    if (wanted.startsWith("in:")) speak(event.submitter.closest(".question"), wanted.slice(3));
    else if (wanted === "hand-in") handIn(document.getElementById("hand-in").href);
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
play.querySelector(".overview").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  hurry();
  go(Number(link.dataset.n));
});
document.getElementById("hand-in").addEventListener("click", (event) => {
  event.preventDefault();
  handIn(event.currentTarget.href);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !/^[1-9]$/.test(event.key)) return;
  if (event.target.matches("select, textarea, input:not([type=radio]):not([type=checkbox])")) return;
  const page = pages.find((each) => !each.hidden);
  const q = event.target.closest?.(".question") ?? page.querySelector(".question");
  const row = q.querySelectorAll(".choices input")[Number(event.key) - 1];
  if (row) { event.preventDefault(); row.focus(); row.click(); }
});
window.addEventListener("popstate", () => go(Number(new URLSearchParams(location.search).get("q") ?? 1), { quietly: true }));
window.addEventListener("online", () => { tries = 0; flush(); });
window.addEventListener("offline", () => say(play.dataset.offline, "offline"));
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") hurry(); else if (unsent().length) flush(); });

if (ends) {
  const left = document.getElementById("left");
  const tick = () => {
    const minutes = Math.ceil((Date.parse(ends) - Date.now() - offset) / 60000);
    left.textContent = play.dataset.left.replace("{n}", Math.max(0, minutes));
    if (minutes <= 0) { clearInterval(timer); hurry(); flush().then(() => { if (!unsent().length) location.assign(result); }); }
  };
  const timer = setInterval(tick, 10000);
}

takeUp();
history.replaceState({}, "", location.href);
navigator.serviceWorker?.register("/play/worker.js").catch(() => { /* the page itself still works without a line */ });
