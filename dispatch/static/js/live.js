// One websocket per page (realtime/frames.py). The server sends {from, upto, events}, every 2 s a heartbeat {upto}, and
// {reset, upto} when more was missed than it keeps. What the reader may not see still counts in upto, so a gap is
// exactly: "from", the first number covered, is above the last upto I know + 1.
import { wallTime, domainNow } from "./clock.js";

const ADDRESS = "/ws/live/";
const JITTER_MS = 150; // spreads the refetches of many open pages over the server
const SILENT_MS = 6000; // three heartbeats missed: the line is dead even if the socket has not noticed
const SIGNED_OUT = 4401;
const HEARS_NOTHING = 4403;
const RETRY_MS = [500, 1000, 2000, 4000, 8000, 15000];

const badge = document.querySelector("[data-live]");
const number = badge.querySelector("[data-live-number]");
const on = badge.querySelector("[data-live-on]");
const off = badge.querySelector("[data-live-off]");

let upto = Number(badge.dataset.from);
let promised = upto; // what the last heartbeat said
let socket = null;
let failures = 0;
let heardAt = performance.now();
let cutOffAt = null;

// ---- refetching: at most one request in flight for each partial, and one more only if news came meanwhile

const busy = new Set();
const again = new Set();
const timers = new Map();

function concerns(partial, kinds) {
  const wanted = partial.dataset.refreshOn.split(/\s+/);
  return kinds.some((kind) => wanted.some((w) => kind === w || kind.startsWith(`${w}.`) || kind.startsWith(`${w}_`)));
}

async function fetchPartial(url) {
  timers.delete(url);
  const partial = [...document.querySelectorAll("[data-refresh-on]")].find((p) => p.getAttribute("hx-get") === url);
  if (!partial) return;
  if (busy.has(url)) {
    again.add(url);
    return;
  }
  busy.add(url);
  try {
    await window.htmx.ajax("GET", url, { source: partial, target: partial, swap: partial.getAttribute("hx-swap") || "outerHTML" });
  } finally {
    busy.delete(url);
    if (again.delete(url)) schedule(url);
  }
}

function schedule(url) {
  if (!timers.has(url)) timers.set(url, setTimeout(() => fetchPartial(url).catch(retryLater(url)), Math.random() * JITTER_MS));
}

function retryLater(url) {
  return () => setTimeout(() => schedule(url), 2000);
}

function refresh(kinds) {
  for (const partial of document.querySelectorAll("[data-refresh-on][hx-get]")) {
    if (kinds === null || concerns(partial, kinds)) schedule(partial.getAttribute("hx-get"));
  }
}

// ---- the line

function grouped(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function showLive() {
  badge.dataset.state = "on";
  on.hidden = false;
  off.hidden = true;
  number.textContent = grouped(upto);
  cutOffAt = null;
}

function showCutOff(seconds) {
  cutOffAt ??= wallTime(domainNow(), true);
  badge.dataset.state = "off";
  on.hidden = true;
  off.hidden = false;
  const say = (words) => words.replace("{time}", cutOffAt).replace("{s}", String(seconds));
  off.querySelector(".full1").textContent = say(badge.dataset.textOff);
  off.querySelector(".brief").textContent = say(badge.dataset.textBrief);
}

function announce(events, gap) {
  document.dispatchEvent(new CustomEvent("nafeer:events", { detail: { events, upto, gap } }));
}

// A heartbeat may run ahead of events that the server is still folding; still behind what the last one said is a gap.
function missed(message) {
  if (message.reset) return true; // more was missed than the server keeps
  if (message.events) return message.from > upto + 1;
  const gap = promised > upto;
  promised = message.upto;
  return gap;
}

function read(message) {
  heardAt = performance.now();
  showLive();
  const gap = missed(message);
  if (!gap && !message.events) return;
  const events = gap ? [] : message.events.filter((e) => e.number > upto);
  upto = Math.max(upto, message.upto);
  number.textContent = grouped(upto);
  if (gap) refresh(null);
  else refresh(events.map((e) => e.kind));
  announce(events, gap);
}

function retry() {
  const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] * (0.75 + Math.random() / 2);
  failures += 1;
  const due = performance.now() + wait;
  const show = () => showCutOff(Math.max(1, Math.ceil((due - performance.now()) / 1000)));
  if (failures > 1) show(); // a first blink of the line is not news
  const counting = setInterval(() => failures > 1 && show(), 1000);
  setTimeout(() => {
    clearInterval(counting);
    connect();
  }, wait);
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const line = new WebSocket(`${scheme}//${location.host}${ADDRESS}?from=${upto}`);
  socket = line;
  heardAt = performance.now();
  line.addEventListener("message", (event) => {
    failures = 0;
    read(JSON.parse(event.data));
  });
  line.addEventListener("close", (event) => {
    if (socket !== line) return;
    socket = null;
    // Only a page that stood for a while: reloading a fresh one could go round for ever.
    if (event.code === SIGNED_OUT && performance.now() > 10000) location.reload();
    else if (event.code === HEARS_NOTHING) badge.hidden = true;
    else retry();
  });
}

setInterval(() => {
  if (socket && performance.now() - heardAt > SILENT_MS) {
    const dead = socket;
    socket = null;
    dead.close();
    retry();
  }
}, 1000);

// A session that ran out answers a refetch with the sign-in page: never swap that into a panel.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!new URL(event.detail.xhr.responseURL || location.href).pathname.startsWith("/accounts/")) return;
  event.detail.shouldSwap = false;
  location.reload();
});

// A page taken from the browser's back-forward cache is old news: ask for everything once.
window.addEventListener("pageshow", (event) => event.persisted && refresh(null));
window.addEventListener("pagehide", () => socket?.close());

connect();
