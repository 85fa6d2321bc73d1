// @ts-check
// The curves of a job, in groups; other jobs beside it; new points as steps are made.

import { get } from "../api.js";
import { fill, h, spaced } from "../dom.js";
import { bytes } from "../format.js";
import { Chart } from "./chart.js";
import { toastFault } from "./toast.js";

const quarters = ["q1", "q2", "q3", "q4"];
const quarterNames = { q1: "σ 0–¼", q2: "σ ¼–½", q3: "σ ½–¾", q4: "σ ¾–1" };
const colours = ["--accent", "--violet", "--blue", "--warn", "--bad", "--good"];
/** Picture and sound have the same colours in all charts. */
const own = /** @type {Record<string, string>} */ ({
  "change/video": "--accent", "change/audio": "--violet", "change/audio_to_video": "--blue", "change/video_to_audio": "--warn",
  "held_out/base_video": "--accent", "held_out/adapted_video": "--accent", "held_out/base_audio": "--violet", "held_out/adapted_audio": "--violet",
});
/** Lines of the jobs that are compared with the first. */
const dashes = [null, [7, 3], [2, 2], [10, 3, 2, 3], [14, 4]];
/** Shares of the run over which is averaged, by the slider's places. */
const spans = [0, 0.002, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.15];

/**
 * Charts: keys in their order, or all that begin alike.
 * @type {{title: string, keys?: string[], prefix?: string, write?: (value: number) => string}[]}
 */
const groups = [
  { title: "Loss", keys: ["loss_video", "loss_audio", "loss"] },
  { title: "Held-out gain", keys: ["held_out/face_gain", "held_out/voice_gain"] },
  { title: "Held-out loss, base and adapted", keys: ["held_out/base_video", "held_out/adapted_video", "held_out/base_audio", "held_out/adapted_audio"] },
  { title: "Picture's error by noise level", keys: quarters.map((quarter) => `error_video/${quarter}`) },
  { title: "Sound's error by noise level", keys: quarters.map((quarter) => `error_audio/${quarter}`) },
  { title: "Gradient norm", keys: ["grad_norm_video", "grad_norm_audio", "grad_norm"] },
  { title: "Balance of the sound", keys: ["audio_weight", "supervised_ratio"] },
  { title: "Change by pathway", prefix: "change/" },
  { title: "Preservation", prefix: "preservation/" },
  { title: "Learning rate", keys: ["lr", "lr_audio"] },
  { title: "Seconds per step", keys: ["seconds"] },
  { title: "Memory", keys: ["peak_bytes", "process_bytes"], write: bytes },
];

/** All charts of one job. */
export class CurvePanel {
  /** @param {string} id - of the job @param {string} name @param {AbortSignal} signal */
  constructor(id, name, signal) {
    /** @type {{id: string, name: string}[]} */
    this.jobs = [{ id, name }];
    this.signal = signal;
    /** @type {[number | null, number | null]} */
    this.range = [null, null];
    /**
     * Curves that there are.
     * @type {Set<string>}
     */
    this.names = new Set();
    /** @type {Map<string, Chart>} */
    this.charts = new Map();
    /** @type {Chart[]} */
    this.waiting = [];
    this.stage = h("div.charts");
    this.smoothing = h("input", { type: "range", min: 0, max: 9, value: 0, id: "smoothing", "aria-label": "Smoothing" });
    this.logarithmic = h("input", { type: "checkbox" });
    this.compare = h("select", { "aria-label": "Compare with another job" });
    this.compared = h("span.row.small", { role: "status" });
    this.lastStep = 0;
    this.element = h("div.stack", null, this.toolbar(), this.stage);
    this.refreshSoon = spaced(() => this.refresh().catch(toastFault), 1500);
  }

  toolbar() {
    this.smoothing.addEventListener("input", () => this.adjust());
    this.logarithmic.addEventListener("change", () => this.adjust());
    this.compare.addEventListener("change", () => this.addCompared());
    return h("div.row", null,
      h("label.inline", { for: "smoothing" }, "Smoothing"), h("div.short", null, this.smoothing),
      h("label.inline", null, this.logarithmic, "Logarithmic"), this.compare, this.compared,
      h("span.faint.small", null, "Drag to zoom, double click to see all; the band reaches from the lowest to the highest."));
  }

  /** @param {{id: string, name: string}[]} others - jobs that can be compared with */
  offer(others) {
    fill(this.compare, h("option", { value: "" }, this.jobs.length > 1 ? "Compare with one more …" : "Compare with …"),
      others.filter(({ id }) => !this.jobs.some((job) => job.id === id)).map(({ id, name }) => h("option", { value: id }, name)),
      this.jobs.length > 1 ? h("option", { value: "none" }, "This job alone") : null);
    this.others = others;
    const marks = ["solid", "dashed", "dotted", "dash and dot", "long dashes"];
    fill(this.compared, this.jobs.length > 1 ? this.jobs.map((job, place) => h("span.badge", null, `${job.name}: ${marks[place % marks.length]}`)) : null);
  }

  addCompared() {
    const chosen = this.compare.value;
    if (chosen === "none") this.jobs.splice(1);
    const job = this.others?.find(({ id }) => id === chosen);
    if (job) this.jobs.push(job);
    // It may have curves that this one has not.
    this.names.clear();
    this.offer(this.others ?? []);
    this.refresh().catch(toastFault);
  }

  /** Draws the charts anew, one in a frame and those in view first: the page stays at hand while a slider moves. */
  adjust() {
    const isInView = (/** @type {Chart} */ chart) => {
      const { top, bottom } = chart.element.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    const isDrawing = this.waiting.length > 0;
    const charts = [...this.charts.values()];
    this.waiting = [...charts.filter(isInView), ...charts.filter((chart) => !isInView(chart))];
    if (!isDrawing) this.drawNext();
  }

  drawNext() {
    const chart = this.waiting[0];
    if (!chart || this.signal.aborted) return;
    chart.set(this.manner());
    requestAnimationFrame(() => {
      // Moved again meanwhile: the list has begun anew.
      if (this.waiting[0] === chart) this.waiting.shift();
      this.drawNext();
    });
  }

  manner() {
    return { smoothing: spans[Number(this.smoothing.value)] * this.lastStep, isLogarithmic: this.logarithmic.checked };
  }

  /** Reads the curves again and shows them; charts that have nothing are left out. */
  async refresh() {
    const [from, to] = this.range;
    const points = this.jobs.length > 1 ? 400 : 800;
    if (!this.names.size) await this.learnNames();
    const keys = groups.flatMap((group) => this.keysOf(group)).join();
    const answers = keys ? await Promise.all(this.jobs.map(({ id }) => get(`/api/jobs/${id}/series`, { keys, from, to, points }, this.signal))) : [];
    this.lastStep = Math.max(0, ...answers.map((answer) => answer.lastStep ?? 0));
    for (const group of groups) {
      const there = this.keysOf(group);
      if (!there.length) continue;
      const chart = this.chart(group);
      Object.assign(chart, this.manner());
      await chart.show(this.seriesOf(there, answers));
    }
    for (const key of answers.flatMap((answer) => answer.keys)) this.names.add(key);
    if (!this.charts.size) fill(this.stage, h("p.empty", null, "Curves begin with the first step."));
  }

  async learnNames() {
    const answers = await Promise.all(this.jobs.map(({ id }) => get(`/api/jobs/${id}/series`, {}, this.signal)));
    this.names = new Set(answers.flatMap((answer) => answer.keys));
  }

  /** @param {{keys?: string[], prefix?: string}} group */
  keysOf({ keys, prefix }) {
    return prefix ? [...this.names].filter((name) => name.startsWith(prefix)).sort() : (keys ?? []).filter((key) => this.names.has(key));
  }

  /** @param {{title: string, write?: (value: number) => string}} group */
  chart({ title, write }) {
    const known = this.charts.get(title);
    if (known) return known;
    if (!this.charts.size) this.stage.replaceChildren();
    const chart = new Chart(title, { signal: this.signal, write, onZoom: (from, to) => this.zoom(from, to) });
    this.charts.set(title, chart);
    this.stage.append(chart.element);
    return chart;
  }

  /** @param {number | null} from @param {number | null} to - all charts show the same steps, with as much detail as there is */
  zoom(from, to) {
    this.range = [from, to];
    for (const chart of this.charts.values()) {
      chart.graph?.updateOptions({ dateWindow: from === null ? null : [from, to], valueRange: [null, null] });
    }
    this.refresh().catch(toastFault);
  }

  /** @param {string[]} keys @param {any[]} answers */
  seriesOf(keys, answers) {
    return this.jobs.flatMap((job, place) => keys.map((key, index) => ({
      name: `${key} · ${job.name}`,
      label: shortName(key),
      colour: own[key] ?? colours[index % colours.length],
      dash: key.startsWith("held_out/base_") ? [2, 2] : dashes[place % dashes.length],
      points: answers[place].series[key] ?? [],
    })));
  }
}

/** @param {string} key */
function shortName(key) {
  if (key === "loss" || key === "grad_norm") return "both";
  const last = key.slice(key.lastIndexOf("/") + 1);
  return quarterNames[/** @type {keyof typeof quarterNames} */ (last)] ?? last.replace(/^loss_|^grad_norm_|_bytes$|_gain$/g, "").replaceAll("_", " ");
}
