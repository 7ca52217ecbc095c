// The console's map: the incident, its hazard, and everybody who was asked. Blocks around it are swapped; the map
// never is: it refetches its data when the journal moves. Words come by data attributes of #map.
import { domainNow } from "./clock.js";
import { baseStyle, cityLabels, css, FONT, fonts, icons, language, maplibregl, only } from "./map-style.js";
import { edgeChips } from "./map-edges.js";

const box = document.getElementById("map");
const frame = box.closest(".mapbox");
const words = box.dataset;
const EMPTY = { type: "FeatureCollection", features: [] };
const REFETCH_MS = 1000; // at most once a second, however many events come
const TITLE = { locale: { "Map.Title": box.getAttribute("aria-label") } };
const NO_ROTATION = { attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: 0 };

let data = null;
let base = null;
const donuts = new Map();
const labels = new Map();

await fonts();
base = await baseStyle(words.country);
const map = new maplibregl.Map({ container: box, style: base(), bounds: startBox(), ...TITLE, ...NO_ROTATION });
map.keyboard.disableRotation();
map.touchZoomRotate.disableRotation();
window.nafeerMap = map; // for tests: whether it is drawn, and where things are

function startBox() {
  const [west, south, east, north] = (words.box || "-12,8,60,38").split(",").map(Number);
  return [[west, south], [east, north]];
}

// ---- layers; called again after every change of theme, which replaces the whole style

function paint() {
  for (const [name, icon] of Object.entries(icons())) if (!map.hasImage(name)) map.addImage(name, icon.image, icon.options);
  const source = (id, more = {}) => map.getSource(id) || map.addSource(id, { type: "geojson", data: EMPTY, ...more });
  source("hazard");
  source("rings");
  source("cities");
  source("moving");
  const sum = (states) => ["+", ["case", ["in", ["get", "state"], ["literal", states]], 1, 0]];
  source("people", {
    cluster: true,
    clusterRadius: 34,
    clusterMaxZoom: 13,
    clusterProperties: { yes: sum(["coming", "en_route", "arrived"]), res: sum(["reserve"]), wait: sum(["asked", "delivered", "declined", "stood_down"]), bad: sum(["unreachable", "no_show"]) },
  });
  const text = { "text-font": FONT, "text-size": 12 };
  const allow = { "icon-allow-overlap": true, "icon-ignore-placement": true };
  const layers = [
    { id: "hazard-fill", type: "fill", source: "hazard", paint: { "fill-pattern": "hatch" } },
    { id: "hazard-line", type: "line", source: "hazard", paint: { "line-color": css("warn-ink"), "line-width": 1.5 } },
    { id: "ring", type: "line", source: "rings", paint: { "line-color": css("faint"), "line-width": 1, "line-dasharray": [2, 4], "line-opacity": 0.8 } },
    { id: "ring-text", type: "symbol", source: "rings", layout: { ...text, "symbol-placement": "line", "symbol-spacing": 1200, "text-field": ["get", "label"] }, paint: { "text-color": css("muted"), "text-halo-color": css("map-land"), "text-halo-width": 2 } },
    cityLabels("cities"),
    { id: "people", type: "symbol", source: "people", filter: ["!", ["has", "point_count"]], layout: { ...allow, "icon-image": ["get", "state"] } },
    { id: "moving", type: "symbol", source: "moving", layout: { ...allow, "icon-image": ["get", "state"], "icon-rotate": ["case", only("state", "en_route"), ["get", "bearing"], 0] } },
  ];
  for (const layer of layers) if (!map.getLayer(layer.id)) map.addLayer(layer);
  for (const [, marker] of donuts) marker.remove();
  donuts.clear();
  show();
  cities();
}

// ---- people

// Where somebody on the road is now, if they left in time to keep their ETA: an estimate along a straight line.
function onTheWay(feature, now) {
  const p = feature.properties;
  const share = Math.min(Math.max((now - Date.parse(p.leaves)) / Math.max(Date.parse(p.eta) - Date.parse(p.leaves), 1), 0), 1);
  const [x, y] = feature.geometry.coordinates;
  const [a, b] = p.to;
  const bearing = (Math.atan2((y - b) / Math.cos((y * Math.PI) / 180), a - x) * 180) / Math.PI;
  const at = [x + (a - x) * share, y + (b - y) * share];
  return { ...feature, properties: { ...p, bearing }, geometry: { type: "Point", coordinates: at } };
}

const left = (feature, now) => feature.properties.leaves && Date.parse(feature.properties.leaves) <= now;

function showMoving() {
  const now = domainNow();
  const people = data.people.features;
  const moving = people.filter((f) => left(f, now) || f.properties.help);
  map.getSource("moving")?.setData({ ...EMPTY, features: moving.map((f) => (f.properties.to ? onTheWay(f, now) : f)) });
  return new Set(moving);
}

function show() {
  if (!data || !map.getSource("people")) return;
  const moving = showMoving();
  map.getSource("people").setData({ ...EMPTY, features: data.people.features.filter((f) => !moving.has(f)) });
  map.getSource("rings").setData({ ...EMPTY, features: data.rings.features.map((f) => ({ ...f, properties: { label: words.textMinutes.replace("{n}", f.properties.minutes) } })) });
  map.getSource("hazard").setData(data.hazard ? { type: "Feature", properties: {}, geometry: data.hazard } : EMPTY);
  count();
  pins();
  edgeChips(map, frame, data.places, words.textAsked);
}

function count() {
  for (const cell of frame.querySelectorAll("[data-count]")) {
    const n = data.counts[cell.dataset.count] || 0;
    cell.textContent = n;
    if (cell.hasAttribute("data-if-any")) cell.closest("li").hidden = !n;
  }
  const hazard = frame.querySelector("[data-hazard]");
  if (hazard) hazard.hidden = !data.hazard;
}

function name(of) {
  return of?.[language] || of?.en || "";
}

function pin(id, element, at, anchor, offset) {
  labels.get(id)?.remove();
  labels.set(id, new maplibregl.Marker({ element, anchor, offset }).setLngLat(at).addTo(map));
}

function pins() {
  const incident = data.incident;
  const muster = document.createElement("div");
  muster.className = "pin";
  const label = document.createElement("span");
  label.dir = "auto";
  label.textContent = words.textMuster.replace("{code}", incident.code).replace("{place}", name(incident.muster) || name(incident.place));
  muster.append(label, document.createElement("i"));
  pin("muster", muster, [incident.lon, incident.lat], "bottom", [0, -20]);
  const calling = new Set(["muster"]);
  for (const f of data.people.features.filter((one) => one.properties.help)) {
    const who = document.createElement("div");
    who.className = "who";
    who.dir = "auto";
    who.innerHTML = '<svg class="ic" aria-hidden="true"><use href="#i-alarm"/></svg>';
    who.append(words.textHelp.replace("{name}", language === "ar" ? f.properties.name : f.properties.latin || f.properties.name));
    pin(f.id, who, f.geometry.coordinates, "left", [14, 0]);
    calling.add(f.id);
  }
  for (const [id, marker] of labels) {
    if (calling.has(id)) continue;
    marker.remove();
    labels.delete(id);
  }
}

function donut(p) {
  const parts = [[p.yes, "accent"], [p.res, "reserve"], [p.wait, "wait"], [p.bad, "warn"]];
  const n = p.point_count;
  const r = n > 24 ? 20 : n > 9 ? 17 : 14;
  const round = 2 * Math.PI * (r - 3);
  let from = 0;
  let arcs = "";
  for (const [value, colour] of parts) {
    if (!value) continue;
    const length = (value / n) * round;
    arcs += `<circle r="${r - 3}" fill="none" stroke="${css(colour)}" stroke-width="5" stroke-dasharray="${Math.max(length - 1.5, 1)} ${round}" stroke-dashoffset="${-from}" transform="rotate(-90)"/>`;
    from += length;
  }
  const element = document.createElement("div");
  element.className = "donut";
  element.setAttribute("role", "img");
  const counts = { n, yes: p.yes, res: p.res, wait: p.wait, bad: p.bad };
  element.setAttribute("aria-label", words.textCluster.replace(/\{(\w+)\}/g, (_, key) => counts[key]));
  element.innerHTML = `<svg width="${2 * r}" height="${2 * r}" viewBox="${-r} ${-r} ${2 * r} ${2 * r}"><circle r="${r}" fill="${css("surface")}"/>${arcs}<text y="4">${n}</text></svg>`;
  return element;
}

function showDonuts() {
  if (!map.getSource("people") || !map.isSourceLoaded("people")) return;
  const seen = new Set();
  const before = donuts.size;
  let changed = false;
  for (const f of map.querySourceFeatures("people")) {
    const p = f.properties;
    if (!p.cluster) continue;
    const at = f.geometry.coordinates;
    const key = [at[0].toFixed(4), at[1].toFixed(4), p.yes, p.res, p.wait, p.bad].join();
    seen.add(key);
    if (donuts.has(key)) continue;
    const element = donut(p);
    element.addEventListener("click", () => map.easeTo({ center: at, zoom: map.getZoom() + 2 }));
    donuts.set(key, new maplibregl.Marker({ element }).setLngLat(at).addTo(map));
    changed = true;
  }
  for (const [key, marker] of donuts) {
    if (seen.has(key)) continue;
    marker.remove();
    donuts.delete(key);
  }
  // The chips keep clear of the rings, so they are placed after them.
  if (changed || donuts.size !== before) edgeChips(map, frame, data.places, words.textAsked);
}

// ---- data

let fetching = false;
let wanted = false;
async function refetch() {
  if (!words.src) return;
  if (fetching) {
    wanted = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(words.src, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const first = data === null;
    data = await answer.json();
    failed(false);
    show();
    if (first) fit(false);
  } catch {
    failed(true);
    wanted = true;
  }
  setTimeout(() => {
    fetching = false;
    if (!wanted) return;
    wanted = false;
    refetch();
  }, REFETCH_MS);
}

function failed(yes) {
  const note = frame.querySelector(".failed");
  if (!yes) note?.remove();
  else if (!note) frame.insertAdjacentHTML("beforeend", `<p class="note warn failed" role="status"><b></b></p>`);
  if (yes) frame.querySelector(".failed b").textContent = words.textFailed;
}

let citiesFor = "";
async function cities() {
  const b = map.getBounds();
  const area = { west: b.getWest(), south: b.getSouth(), east: b.getEast(), north: b.getNorth() };
  const asked = Object.entries(area).map(([k, v]) => `${k}=${Math.max(Math.min(v, 180), -180).toFixed(2)}`).join("&");
  if (asked === citiesFor && map.getSource("cities")?._data?.features?.length) return;
  citiesFor = asked;
  const answer = await fetch(`/api/v1/geo/cities/in/?${asked}&limit=60`);
  if (!answer.ok || asked !== citiesFor) return;
  const found = (await answer.json()).filter((city) => !data || city.name.en !== data.incident.place.en);
  const features = found.map((city) => ({ type: "Feature", properties: { label: city.name[language] || city.name.en, people: city.population }, geometry: { type: "Point", coordinates: city.location } }));
  map.getSource("cities")?.setData({ ...EMPTY, features });
}

function fit(moves = true) {
  if (!data) {
    map.fitBounds(startBox(), { animate: moves });
    return;
  }
  const outline = data.rings.features[1].geometry.coordinates;
  const bounds = outline.reduce((b, at) => b.extend(at), new maplibregl.LngLatBounds(outline[0], outline[0]));
  map.fitBounds(bounds, { padding: 8, animate: moves });
}

// ---- controls

const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
frame.addEventListener("click", (event) => {
  const what = event.target.closest("[data-map]")?.dataset.map;
  if (what === "in") map.zoomIn({ animate: !calm });
  if (what === "out") map.zoomOut({ animate: !calm });
  if (what === "fit") fit(!calm);
});
document.addEventListener("click", (event) => {
  const id = event.target.closest("[data-show]")?.dataset.show;
  const person = id && data?.people.features.find((f) => f.id === id);
  if (person) map.easeTo({ center: person.geometry.coordinates, zoom: Math.max(map.getZoom(), 11), animate: !calm });
});

// ---- drop an incident: by click, or with the arrow keys and Enter

const dropping = frame.querySelector(".dropping");
function dropMode(on) {
  dropping.hidden = !on;
  frame.classList.toggle("is-dropping", on);
  frame.querySelector(".mapctl [data-drop]")?.setAttribute("aria-pressed", String(on));
  if (on) map.getCanvas().focus();
}
function dropAt({ lng, lat }) {
  dropMode(false);
  window.htmx.ajax("GET", `${words.new}?lon=${lng.toFixed(5)}&lat=${lat.toFixed(5)}`, { target: "#dialog", swap: "innerHTML" });
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-drop]")) {
    document.querySelector(".menu.incidents:popover-open")?.hidePopover();
    dropMode(dropping.hidden);
  } else if (event.target.closest("[data-drop-here]")) dropAt(map.getCenter());
  else if (event.target.closest("[data-drop-cancel]")) dropMode(false);
});
frame.addEventListener("keydown", (event) => {
  if (dropping.hidden) return;
  if (event.key === "Enter" && !event.target.closest("button")) dropAt(map.getCenter());
  if (event.key === "Escape") dropMode(false);
});

// ---- what keeps it right

map.on("style.load", paint);
// After a change of theme a tile still on its way may ask for a mark before the new style has them.
map.setMissingStyleImageResolver((name) => {
  const icon = icons()[name];
  if (icon && !map.hasImage(name)) map.addImage(name, icon.image, icon.options);
});
map.on("click", (event) => !dropping.hidden && dropAt(event.lngLat));
map.on("render", () => {
  showDonuts();
  // Tests and screenshots wait for this: the ground, and the people where there are any.
  if (map.getSource("people") && (data || !words.src)) box.dataset.drawn = "true";
});
map.on("moveend", () => {
  cities();
  if (data) edgeChips(map, frame, data.places, words.textAsked);
});
document.addEventListener("nafeer:theme", () => map.setStyle(base(), { diff: false }));
document.addEventListener("nafeer:events", refetch);
document.body.addEventListener("console-changed", refetch);
new ResizeObserver(() => map.resize()).observe(box);
if (!calm) setInterval(() => data && !document.hidden && map.getSource("moving") && showMoving(), 1000);
refetch();
