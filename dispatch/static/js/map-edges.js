// Places the view does not reach, as chips at the map's edge: where people were asked and how many come from there.
import { language } from "./map-style.js";

const MOST = 3;
const MARGIN = { x: 8, top: 56, bottom: 40 };
const ARROWS = ["→", "↘", "↓", "↙", "←", "↖", "↑", "↗"];

export function edgeChips(map, frame, places, text) {
  for (const old of frame.querySelectorAll(".edge")) old.remove();
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const outside = places.map((place) => ({ place, at: map.project([place.lon, place.lat]) })).filter(({ at }) => at.x < 0 || at.y < 0 || at.x > width || at.y > height);
  const taken = furniture(frame);
  for (const { place, at } of outside.slice(0, MOST)) {
    const chip = frame.appendChild(made(place, at, { x: width / 2, y: height / 2 }, text));
    const size = { w: chip.offsetWidth, h: chip.offsetHeight };
    const x = Math.min(Math.max(at.x - size.w / 2, MARGIN.x), width - size.w - MARGIN.x);
    const y = free(x, Math.min(Math.max(at.y - size.h / 2, MARGIN.top), height - size.h - MARGIN.bottom), size, taken, height);
    if (y === null) {
      chip.remove();
      continue;
    }
    taken.push({ x, y, ...size });
    chip.style.left = `${x}px`;
    chip.style.top = `${y}px`;
  }
}

function furniture(frame) {
  const origin = frame.getBoundingClientRect();
  return [...frame.querySelectorAll(".legend, .mapctl, .donut, .pin, .who")].map((part) => {
    const r = part.getBoundingClientRect();
    return { x: r.left - origin.left, y: r.top - origin.top, w: r.width, h: r.height };
  });
}

function free(x, y, size, taken, height) {
  const hits = (top) => taken.some((t) => x < t.x + t.w + 4 && t.x < x + size.w + 4 && top < t.y + t.h + 4 && t.y < top + size.h + 4);
  for (let step = 0; step < height; step += 12) {
    for (const top of [y + step, y - step]) if (top >= 8 && top + size.h <= height - 8 && !hits(top)) return top;
  }
  return null;
}

function made(place, at, centre, text) {
  const chip = document.createElement("div");
  chip.className = "edge";
  const turn = Math.round(Math.atan2(at.y - centre.y, at.x - centre.x) / (Math.PI / 4));
  const head = document.createElement("b");
  const arrow = document.createElement("bdi");
  arrow.textContent = ARROWS[(turn + 8) % 8];
  head.append(place.name[language] || place.name.en, " ", arrow);
  const counts = document.createElement("span");
  counts.className = "muted";
  counts.textContent = text.replace("{asked}", place.asked).replace("{coming}", place.coming);
  chip.append(head, counts);
  return chip;
}
