// @ts-check
// A curve chart of dygraphs: mean with a band from lowest to highest, smoothing, zoom, values under the pointer.

import { fill, h } from "../dom.js";
import { count, number } from "../format.js";
import { colour } from "../theme.js";

/** @typedef {{name: string, label: string, colour: string, dash?: number[] | null, points: number[][]}} Series - `name` is unique, `label` is read; points: [step, mean, low, high] */

/** @type {Promise<any> | null} */
let library = null;

/** @returns {Promise<any>} dygraphs, loaded when the first chart is shown */
function loadLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = h("script", { src: new URL("../../vendor/dygraphs/dygraph.min.js", import.meta.url).href });
    script.addEventListener("load", () => resolve(withoutLegend(/** @type {any} */ (window).Dygraph)));
    script.addEventListener("error", () => reject(new Error("The charts' library could not be loaded.")));
    document.head.append(script);
  });
  return library;
}

/** @param {any} Dygraph @returns {any} without its own legend, which writes style attributes that the security policy forbids */
function withoutLegend(Dygraph) {
  Dygraph.PLUGINS = Dygraph.PLUGINS.filter((/** @type {any} */ plugin) => plugin !== Dygraph.Plugins.Legend);
  return Dygraph;
}

/** One chart; `show` gives it curves, again and again. */
export class Chart {
  /**
   * @param {string} title
   * @param {{onZoom?: (from: number | null, to: number | null) => void, signal: AbortSignal, write?: (value: number) => string}} options - steps that were zoomed to; null, null: all; `write`: values in words
   */
  constructor(title, options) {
    this.options = options;
    this.write = options.write ?? ((/** @type {number} */ value) => number(value, 4));
    this.plot = h("div.plot", { role: "img", "aria-label": `${title}, curves by step` });
    this.legend = h("div.plot-legend", null);
    this.element = h("figure.chart", null, h("figcaption", null, title), this.legend, this.plot);
    /** Steps over which is averaged; 0: not at all. */
    this.smoothing = 0;
    this.isLogarithmic = false;
    /** @type {Series[]} */
    this.series = [];
    /** @type {any} */
    this.graph = null;
    window.addEventListener("themechange", () => this.rebuild(), { signal: options.signal });
    const watcher = new ResizeObserver(() => this.graph?.resize());
    watcher.observe(this.plot);
    options.signal.addEventListener("abort", () => { watcher.disconnect(); this.graph?.destroy(); });
  }

  /** @param {Series[]} series */
  async show(series) {
    const hasSameNames = this.series.map((one) => one.name).join() === series.map((one) => one.name).join();
    this.series = series;
    const rows = this.rows();
    this.plot.classList.toggle("is-empty", rows.length === 0);
    if (this.graph && hasSameNames && rows.length) this.graph.updateOptions({ file: rows });
    else await this.rebuild();
    this.showLegend(null);
  }

  /** @param {{smoothing?: number, isLogarithmic?: boolean}} change */
  set(change) {
    Object.assign(this, change);
    const rows = this.rows();
    this.graph?.updateOptions({ file: rows, logscale: this.usesLogarithm });
  }

  /** Values below 0 have no logarithm: a chart that has no others stays as it is. */
  get usesLogarithm() {
    return this.isLogarithmic && this.series.some((one) => one.points.some(([, mean]) => mean > 0));
  }

  rows() {
    const asked = this.usesLogarithm ? positive : (/** @type {number[][]} */ points) => points;
    return merged(this.series.map((one) => ({ ...one, points: asked(smoothed(one.points, this.smoothing)) })));
  }

  /** Zooms out again. */
  reset() { this.graph?.resetZoom(); }

  async rebuild() {
    this.graph?.destroy();
    this.graph = null;
    const rows = this.rows();
    if (!rows.length) return fill(this.plot, h("p.faint.small", null, "Nothing yet."));
    const Dygraph = await loadLibrary();
    if (this.options.signal.aborted || !this.plot.isConnected || this.graph) return;
    this.plot.replaceChildren();
    this.graph = new Dygraph(this.plot, rows, this.settings());
  }

  settings() {
    const faint = colour("--faint");
    return {
      labels: ["step", ...this.series.map((one) => one.name)],
      colors: this.series.map((one) => colour(one.colour)),
      customBars: true, fillAlpha: 0.14, strokeWidth: 1.6, logscale: this.usesLogarithm,
      connectSeparatedPoints: true, legend: "never", highlightCircleSize: 3, animatedZooms: false, gridLineWidth: 0.5,
      gridLineColor: colour("--line"), axisLineColor: colour("--line"), axisLabelFontSize: 11, rightGap: 8,
      axes: {
        x: { axisLabelFormatter: (/** @type {number} */ value) => count(value), pixelsPerLabel: 70 },
        y: { axisLabelFormatter: (/** @type {number} */ value) => this.options.write?.(value) ?? number(value, 3), axisLabelWidth: this.options.write ? 64 : 52 },
      },
      series: Object.fromEntries(this.series.map((one) => [one.name, { strokePattern: one.dash ?? null }])),
      labelsKMB: false, axisLabelColor: faint,
      highlightCallback: (/** @type {any} */ _, /** @type {number} */ step, /** @type {any[]} */ points) => this.showLegend(step, points),
      unhighlightCallback: () => this.showLegend(null),
      zoomCallback: (/** @type {number} */ from, /** @type {number} */ to) => this.zoomed(from, to),
    };
  }

  /** @param {number} from @param {number} to */
  zoomed(from, to) {
    const isAll = !this.graph.isZoomed("x");
    this.options.onZoom?.(isAll ? null : Math.floor(from), isAll ? null : Math.ceil(to));
  }

  /** @param {number | null | undefined} value */
  said(value) {
    return value === null || value === undefined ? "–" : this.write(value);
  }

  /** @param {number | null} step @param {any[]} [points] - null: the newest values */
  showLegend(step, points = []) {
    const values = new Map(points.map((point) => [point.name, point.yval]));
    fill(this.legend, this.series.map((one) => h("span", null,
      h("i", { class: `swatch ${one.colour.slice(2)}${one.dash ? " dashed" : ""}`, title: one.name }), one.label, " ",
      h("b.number", null, this.said(step === null ? one.points.at(-1)?.[1] : values.get(one.name))))),
      step === null ? null : h("span.faint.number", null, `step ${count(step)}`));
  }
}

/**
 * Averages that look back, with weights that fade by steps: many points in a step or few give the same curve.
 * @param {number[][]} points @param {number} steps - over which is averaged
 * @returns {number[][]}
 */
function smoothed(points, steps) {
  if (!steps) return points;
  let weight = 0;
  let sums = [0, 0, 0];
  let last = points[0]?.[0] ?? 0;
  return points.map(([step, mean, low, high]) => {
    const kept = weight ? Math.exp((last - step) / steps) : 0;
    const added = weight ? 1 - kept : 1;
    sums = [mean, low ?? mean, high ?? mean].map((value, index) => sums[index] * kept + value * added);
    weight = weight * kept + added;
    last = step;
    return [step, ...sums.map((sum) => sum / weight)];
  });
}

/** @param {number[][]} points @returns {number[][]} those above 0; bands end at the lowest of them */
function positive(points) {
  const least = Math.min(...points.flatMap(([, ...values]) => values.filter((value) => value > 0)));
  return points.filter(([, mean]) => mean > 0).map(([step, mean, low, high]) => [step, mean, Math.max(low ?? mean, least), high ?? mean]);
}

/** @param {Series[]} series @returns {any[]} rows of dygraphs: step, then [low, mean, high] of each series */
function merged(series) {
  /** @type {Map<number, any[]>} */
  const rows = new Map();
  series.forEach(({ points }, index) => {
    for (const [step, mean, low, high] of points) {
      let row = rows.get(step);
      if (!row) rows.set(step, row = [step, ...series.map(() => [null, null, null])]);
      row[index + 1] = [low ?? mean, mean, high ?? mean];
    }
  });
  return [...rows.values()].sort((one, other) => one[0] - other[0]);
}
