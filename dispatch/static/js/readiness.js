// The board's map and trend. Figures come from the page: the map reads the data block that each refresh replaces.
import * as maplibregl from "../vendor/maplibre-gl/maplibre-gl.mjs";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--nf-${name}`).trim();
const lang = document.documentElement.lang.startsWith("ar") ? "ar" : "en";
const rtl = document.documentElement.dir === "rtl";
const FONT = ["IBM Plex Sans", "IBM Plex Sans Arabic"];
const box = document.getElementById("map");
const chosen = document.getElementById("shown");

const get = async (url) => {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.json();
};

function values() {
  const block = document.getElementById("map-values");
  return block ? JSON.parse(block.textContent)[chosen.value] || {} : {};
}

function hatch() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 16;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = css("warn-ink");
  pen.lineWidth = 2;
  pen.globalAlpha = 0.6;
  for (let x = -16; x <= 32; x += 8) {
    pen.beginPath();
    pen.moveTo(x, 16);
    pen.lineTo(x + 16, 0);
    pen.stroke();
  }
  return pen.getImageData(0, 0, 16, 16);
}

function style(outlines, countries) {
  const share = ["get", "v"];
  return {
    version: 8,
    sources: {
      countries: { type: "geojson", data: countries },
      regions: { type: "geojson", data: outlines },
      labels: { type: "geojson", data: labels(outlines) },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": css("map-land2") } },
      { id: "country", type: "line", source: "countries", paint: { "line-color": css("map-line"), "line-width": 1 } },
      { id: "share", type: "fill", source: "regions", paint: { "fill-color": ["step", share, css("warn"), 70, css("warn-tint"), 100, css("hover")] } },
      { id: "region", type: "line", source: "regions", paint: { "line-color": css("map-line"), "line-width": 1 } },
      {
        id: "number", type: "symbol", source: "labels",
        layout: { "text-field": ["get", "text"], "text-font": FONT, "text-size": 12, "symbol-sort-key": share, "text-padding": 3 },
        paint: {
          "text-color": ["case", ["<", share, 70], css("on-warn"), css("text")],
          "text-halo-color": ["case", ["<", share, 70], css("warn"), css("surface")], "text-halo-width": 2,
        },
      },
    ],
  };
}

// The pattern has to be there before the layer that uses it, in every style anew.
function addHatch(map) {
  if (map.hasImage("hatch")) map.removeImage("hatch");
  map.addImage("hatch", hatch(), { pixelRatio: 2 });
  const low = ["all", [">=", ["get", "v"], 70], ["<", ["get", "v"], 100]];
  map.addLayer({ id: "hatch", type: "fill", source: "regions", filter: low, paint: { "fill-pattern": "hatch", "fill-opacity": 0.55 } }, "region");
}

// Worst first: where numbers would overlap, the map keeps the ones that matter.
function labels(outlines) {
  return {
    type: "FeatureCollection",
    features: outlines.features.map((f) => ({
      type: "Feature",
      properties: { v: f.properties.v, text: `${f.properties.v}${lang === "ar" ? "" : "\u202f"}%` },
      geometry: { type: "Point", coordinates: f.properties.label },
    })),
  };
}

function bounds(outlines) {
  const around = new maplibregl.LngLatBounds();
  const walk = (part) => (typeof part[0] === "number" ? around.extend(part) : part.forEach(walk));
  outlines.features.forEach((f) => walk(f.geometry.coordinates));
  return around;
}

function paint(outlines) {
  const now = values();
  for (const f of outlines.features) f.properties.v = now[f.id] ?? 100;
  return outlines;
}

async function drawMap() {
  const fonts = ["500", "600"].flatMap((w) => [document.fonts.load(`${w} 12px "IBM Plex Sans"`, "70 %"), document.fonts.load(`${w} 12px "IBM Plex Sans Arabic"`, "درنة")]);
  const [outlines, countries] = await Promise.all([get(box.dataset.outlines), get(box.dataset.countries), ...fonts]);
  if (!outlines.features.length) return;
  const map = new maplibregl.Map({
    locale: { "Map.Title": box.getAttribute("aria-label") },
    container: box, style: style(paint(outlines), countries), bounds: bounds(outlines),
    fitBoundsOptions: { padding: { top: box.clientWidth < 440 ? 80 : 48, bottom: 24, left: 16, right: 16 } },
    attributionControl: false, interactive: false, fadeDuration: 0,
  });
  map.on("style.load", () => addHatch(map));
  map.on("idle", () => { box.dataset.drawn = "yes"; });
  const again = () => {
    map.getSource("regions").setData(paint(outlines));
    map.getSource("labels").setData(labels(outlines));
  };
  chosen.addEventListener("change", again);
  document.body.addEventListener("htmx:afterSettle", (event) => event.target.id === "matrix" && again());
  document.addEventListener("nafeer:theme", () => map.setStyle(style(paint(outlines), countries), { diff: false }));
}

async function drawTrend(place) {
  const { default: Chart } = await import("../vendor/uplot/uPlot.esm.js");
  const days = JSON.parse(place.dataset.days);
  const font = `12px ${FONT.join(", ")}`;
  const day = new Intl.DateTimeFormat(lang === "ar" ? "ar-LY" : "en-GB", { month: "short", day: "numeric", numberingSystem: "latn", timeZone: "UTC" });
  let chart = null;
  const draw = () => {
    chart?.destroy();
    const axis = { stroke: css("muted"), font, grid: { stroke: css("line"), width: 1 }, ticks: { show: false } };
    chart = new Chart({
      width: place.clientWidth, height: 200, legend: { show: false }, cursor: { show: false }, padding: [10, 8, 0, 8],
      tzDate: (stamp) => Chart.tzDate(new Date(stamp * 1000), "Etc/UTC"),
      scales: { x: { dir: rtl ? -1 : 1 }, y: { range: (u, low, high) => [Math.floor((low * 0.9) / 100) * 100, Math.ceil((high * 1.1) / 100) * 100] } },
      axes: [
        { ...axis, size: 22, gap: 4, space: 90, grid: { show: false }, values: (u, stamps) => stamps.map((s) => day.format(s * 1000)) },
        { ...axis, size: 48, gap: 4, space: 60, side: rtl ? 1 : 3, values: (u, ns) => ns.map(String) },
      ],
      series: [{}, { stroke: css("accent"), width: 2, points: { show: false } }, { stroke: css("text"), width: 1, dash: [4, 4], points: { show: false } }],
    }, days, place);
  };
  draw();
  document.addEventListener("nafeer:theme", draw);
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: 200 })).observe(place);
}

drawMap().catch((error) => {
  console.error("readiness map", error);
  document.querySelector(".off").hidden = false;
});
const trend = document.getElementById("trend");
if (trend) drawTrend(trend);
