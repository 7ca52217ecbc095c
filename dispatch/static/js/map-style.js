// What maps are painted with: colours from the CSS tokens, shapes from here, ground from /api/v1/geo/.
import * as maplibregl from "../vendor/maplibre-gl/maplibre-gl.mjs";

export { maplibregl };
export const FONT = ["IBM Plex Sans", "IBM Plex Sans Arabic"];
export const language = document.documentElement.lang === "ar" ? "ar" : "en";
export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--nf-${name}`).trim();
export const only = (property, value) => ["==", ["get", property], value];

// Labels are drawn with the page's own fonts, so these have to be there before the first tile is.
export function fonts() {
  const load = (weight) => [document.fonts.load(`${weight} 14px "IBM Plex Sans"`, "Derna 0"), document.fonts.load(`${weight} 14px "IBM Plex Sans Arabic"`, "درنة")];
  return Promise.all(["400", "500", "600"].flatMap(load));
}

async function outlines(query) {
  const answer = await fetch(`/api/v1/geo/regions.geojson?${query}`);
  return answer.ok ? answer.json() : { type: "FeatureCollection", features: [] };
}

// The ground is fetched once; the style is made anew for each theme.
export async function baseStyle(country) {
  const [countries, regions] = await Promise.all([outlines("level=0"), outlines(country ? `level=1&country=${country}` : "level=1")]);
  return () => ({
    version: 8,
    sources: { countries: { type: "geojson", data: countries }, regions: { type: "geojson", data: regions } },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": css("map-sea") } },
      { id: "abroad", type: "fill", source: "countries", paint: { "fill-color": css("map-land2") } },
      { id: "land", type: "fill", source: "regions", paint: { "fill-color": css("map-land") } },
      { id: "regions", type: "line", source: "regions", paint: { "line-color": css("map-line"), "line-width": 1, "line-dasharray": [3, 3], "line-opacity": 0.7 } },
      { id: "coast", type: "line", source: "countries", paint: { "line-color": css("map-line"), "line-width": 1 } },
    ],
  });
}

export function cityLabels(source) {
  return {
    id: "city-names",
    type: "symbol",
    source,
    layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": ["step", ["get", "people"], 12, 100000, 14], "text-anchor": "bottom", "text-offset": [0, -1.7], "symbol-sort-key": ["-", 0, ["get", "people"]], "text-padding": 6 },
    paint: { "text-color": css("map-label"), "text-halo-color": css("map-land"), "text-halo-width": 1.5 },
  };
}

// ---- one drawn marker per state: the shape carries the meaning, the colour helps

const SCALE = 2;
function drawn(draw, size = 20) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * SCALE;
  const g = canvas.getContext("2d");
  g.scale(SCALE, SCALE);
  g.translate(size / 2, size / 2);
  g.lineCap = g.lineJoin = "round";
  draw(g);
  return { image: g.getImageData(0, 0, size * SCALE, size * SCALE), options: { pixelRatio: SCALE } };
}

function disc(g, radius, fill, line, width = 2) {
  g.beginPath();
  g.arc(0, 0, radius, 0, 7);
  paintShape(g, fill, line, width);
}

function shape(g, points, line, width = 2, fill = null, closed = false) {
  g.beginPath();
  points.forEach(([x, y], i) => (i ? g.lineTo(x, y) : g.moveTo(x, y)));
  if (closed) g.closePath();
  paintShape(g, fill, line, width);
}

function paintShape(g, fill, line, width) {
  if (fill) {
    g.fillStyle = fill;
    g.fill();
  }
  if (line) {
    g.strokeStyle = line;
    g.lineWidth = width;
    g.stroke();
  }
}

function hatch() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const g = canvas.getContext("2d");
  g.strokeStyle = css("warn-ink");
  g.lineWidth = 2;
  g.globalAlpha = 0.6;
  for (let x = -16; x <= 32; x += 8) {
    g.beginPath();
    g.moveTo(x, 16);
    g.lineTo(x + 16, 0);
    g.stroke();
  }
  return { image: g.getImageData(0, 0, 16, 16), options: { pixelRatio: 2 } };
}

function cross(g, reach, colour) {
  shape(g, [[-reach, -reach], [reach, reach]], colour, 1.75);
  shape(g, [[reach, -reach], [-reach, reach]], colour, 1.75);
}

export function icons() {
  const [accent, wait, reserve, warn, surface, ink, on] = ["accent", "wait", "reserve", "warn", "surface", "warn-ink", "on-warn"].map(css);
  const arrow = (g) => {
    disc(g, 8.5, surface, accent, 2);
    shape(g, [[-4, 0], [4, 0]], accent);
    shape(g, [[1, -3], [4, 0], [1, 3]], accent);
  };
  const there = (g) => {
    disc(g, 7, accent, surface, 1.5);
    shape(g, [[-3, 0], [-1, 2.2], [3, -2.4]], surface);
  };
  const lost = (g) => {
    shape(g, [[0, -6.5], [7, 5.5], [-7, 5.5]], ink, 1.25, warn, true);
    shape(g, [[0, -2], [0, 1.6]], on, 1.75);
    shape(g, [[0, 3.6], [0, 3.7]], on, 1.75);
  };
  const missed = (g) => {
    disc(g, 6, warn, ink, 1.25);
    cross(g, 2.4, on);
  };
  return {
    arrived: drawn(there),
    en_route: drawn(arrow, 22),
    coming: drawn((g) => disc(g, 5.5, surface, accent, 2.5)),
    reserve: drawn((g) => shape(g, [[0, -6.5], [6.5, 0], [0, 6.5], [-6.5, 0]], reserve, 2, surface, true)),
    asked: drawn((g) => disc(g, 4, null, wait, 1.5)),
    delivered: drawn((g) => disc(g, 3.5, wait, surface, 1)),
    declined: drawn((g) => cross(g, 3, wait)),
    stood_down: drawn((g) => shape(g, [[-3, -3], [3, -3], [3, 3], [-3, 3]], wait, 1.5, surface, true)),
    unreachable: drawn(lost),
    no_show: drawn(missed),
    hatch: hatch(),
  };
}
