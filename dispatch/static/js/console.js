// The console around its blocks: keep what a person opened while blocks are swapped, show dialogs, look again after
// an action. Blocks themselves are refetched by live.js on journal events.
const REFUSED = 409;
const blocks = () => document.querySelectorAll("[data-refresh-on][hx-get]");

// ---- opened groups and scrolling survive a swap

const opened = new Map();
const scrolled = new Map();
document.addEventListener("toggle", (event) => event.target.id?.startsWith("group-") && opened.set(event.target.id, event.target.open), true);
document.addEventListener("scroll", (event) => remember(event.target), true);

function key(area) {
  return area instanceof Element && (area.id || (area.classList.contains("lines") && "lines"));
}

function remember(area) {
  if (key(area)) scrolled.set(key(area), area.scrollTop);
}

document.body.addEventListener("htmx:afterSwap", () => {
  for (const [id, open] of opened) {
    const group = document.getElementById(id);
    if (group && group.open !== open) group.open = open;
  }
  for (const [id, top] of scrolled) {
    const area = document.getElementById(id) || (id === "lines" && document.querySelector(".lines"));
    if (area && area.scrollTop !== top) area.scrollTop = top;
  }
});

// ---- answers of actions: a refusal is a sentence to read, not a failed request

document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== REFUSED) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});
document.body.addEventListener("console-changed", () => blocks().forEach((block) => window.htmx.trigger(block, "refresh")));

// ---- dialogs: whatever lands in #dialog opens, and what closes it leaves nothing behind

const holder = document.getElementById("dialog");
let returnTo = null;
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== holder) return;
  const dialog = holder.querySelector("dialog");
  if (!dialog || dialog.open) return;
  returnTo = document.activeElement;
  dialog.showModal();
  dialog.addEventListener("close", () => {
    holder.replaceChildren();
    // A block may have been refetched meanwhile: the same button stands there anew.
    (returnTo?.isConnected ? returnTo : document.getElementById(returnTo?.id))?.focus();
  });
});
holder.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]") || event.target.matches("dialog")) event.target.closest("dialog").close();
  const gone = event.target.closest("[data-remove]")?.closest("tr");
  if (!gone) return;
  const rows = gone.parentElement;
  gone.remove();
  rows.dispatchEvent(new Event("change", { bubbles: true }));
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches?.("form[data-closes]") && event.detail.requestConfig.verb === "post") form.closest("dialog")?.close();
});
// A new row of the launch table has to be counted; the picker is free for the next.
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "launch-rows") return;
  holder.querySelector("select[name=add]").value = "";
  event.detail.target.dispatchEvent(new Event("change", { bubbles: true }));
});
