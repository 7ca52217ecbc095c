// The service's clock: domain time = epoch + (time since this page arrived) x speed. Nothing here reads the
// computer's own time of day, which in a field office is often wrong; only the span since the page was made.
const face = document.querySelector("[data-clock]");
const arrived = Date.now();
const epoch = face ? Date.parse(face.dataset.epoch) : arrived;
const speed = face ? Number(face.dataset.speed) : 1;

export function domainNow() {
  return new Date(epoch + (Date.now() - arrived) * speed);
}

export function wallTime(at, seconds = false) {
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: face?.dataset.zone || "UTC" };
  if (seconds) shape.second = "2-digit";
  return new Intl.DateTimeFormat("en-GB", shape).format(at);
}

// Countdowns: <bdi data-until="ISO" data-text="in {n} min" data-text-late="{n} min late">
function paintCountdowns(now) {
  for (const item of document.querySelectorAll("[data-until]")) {
    const left = Math.round((Date.parse(item.dataset.until) - now) / 60000);
    const words = left < 0 ? item.dataset.textLate : item.dataset.text;
    const text = (words || "{n}").replace("{n}", String(Math.abs(left)));
    if (item.textContent !== text) item.textContent = text;
    item.classList.toggle("f-warn", left < 0);
  }
}

function tick() {
  const now = domainNow();
  const text = wallTime(now);
  if (face && face.textContent !== text) face.textContent = text;
  paintCountdowns(now);
}

if (face) {
  tick();
  setInterval(tick, Math.max(200, 1000 / speed));
}
