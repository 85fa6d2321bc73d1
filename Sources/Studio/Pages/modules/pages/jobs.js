// @ts-check
// All jobs, by device, as they run.

import { get, post } from "../api.js";
import { button, card, empty, fill, h, head, spaced } from "../dom.js";
import { listen } from "../events.js";
import { count, duration, moment, number, percent, plural, remaining } from "../format.js";
import { actionButtons, actions, stateMark } from "../job-actions.js";
import { attempt, toast, toastFault } from "../parts/toast.js";
import { shortcut } from "../shortcuts.js";

/** @typedef {import("../job-actions.js").Job} Job */

/** So many rows of a device are shown at first: a page with a thousand stays quick. */
const firstRows = 50;
const order = ["running", "stopping", "queued", "idle", "stopped", "failed", "completed"];

/** The list and what it knows. */
class JobList {
  /** @param {HTMLElement} root @param {AbortSignal} signal */
  constructor(root, signal) {
    /**
     * Devices of which all jobs are shown.
     * @type {Set<string>}
     */
    this.whole = new Set();
    this.renderSoon = spaced(() => this.render(), 50);
    /** @type {Map<string, Job>} */
    this.jobs = new Map();
    /** @type {Map<string, boolean>} */
    this.paused = new Map();
    /** @type {Set<string>} */
    this.chosen = new Set();
    this.filter = h("input", { type: "search", placeholder: "Filter by name or state", "aria-label": "Filter", on: { input: () => this.render() } });
    this.bulk = h("div.row.bulk", { role: "group", "aria-label": "Chosen jobs" });
    this.stage = h("div.stack");
    root.append(head("Jobs", h("a.button", { href: "#/new?import" }, "Import"), h("a.button.primary", { href: "#/new" }, "New job")),
      h("div.row", null, h("div.grow", null, this.filter)), this.bulk, this.stage);
    shortcut("/", "Filter the list", () => this.filter.focus(), signal);
    this.listen(signal);
  }

  /** @param {AbortSignal} signal */
  listen(signal) {
    const take = (/** @type {Job} */ job) => { this.jobs.set(job.id, { ...this.jobs.get(job.id), ...job }); this.renderSoon(); };
    window.addEventListener("jobchange", (event) => take(/** @type {CustomEvent} */ (event).detail), { signal });
    listen("/api/events", {
      job: take,
      progress: (progress) => this.advance(progress),
      removed: ({ id }) => { this.jobs.delete(id); this.chosen.delete(id); this.renderSoon(); },
      problem: ({ text }) => toast(text, "fault"),
      behind: () => this.load(signal).catch(toastFault),
      queue: ({ device, isPaused }) => { this.paused.set(device, isPaused); this.renderSoon(); },
    }, signal, { onOpen: (isAgain) => { if (isAgain) this.load(signal).catch(toastFault); } });
  }

  /** @param {AbortSignal} signal */
  async load(signal) {
    const { jobs, queues } = await get("/api/jobs", {}, signal);
    this.jobs = new Map(jobs.map((/** @type {Job} */ job) => [job.id, job]));
    this.paused = new Map(queues.map((/** @type {any} */ queue) => [queue.device, queue.isPaused]));
    this.render();
  }

  /** @param {any} progress - only the cells of that row change */
  advance(progress) {
    const job = this.jobs.get(progress.id);
    if (!job) return;
    Object.assign(job, progress);
    const row = this.stage.querySelector(`tr[data-job="${CSS.escape(job.id)}"]`);
    this.figures(job).forEach((cell, index) => row?.children[index + 3]?.replaceWith(cell));
  }

  render() {
    const focused = place(document.activeElement);
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = [...this.jobs.values()].filter((job) => words.every((/** @type {string} */ word) => `${job.name} ${job.state} ${job.device}`.toLowerCase().includes(word)));
    const devices = [...new Set([...this.paused.keys(), ...shown.map((job) => job.device)])].sort();
    const groups = devices.map((device) => this.group(device, shown.filter((job) => job.device === device))).filter(Boolean);
    fill(this.stage, groups.length ? groups : this.jobs.size ? empty("No job fits the filter.") : welcome());
    this.renderBulk();
    if (focused) refocus(this.stage, focused);
  }

  /** @param {string} device @param {Job[]} jobs */
  group(device, jobs) {
    if (!jobs.length) return null;
    const isPaused = this.paused.get(device) ?? false;
    jobs.sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state)
      || (one.queuePosition ?? 0) - (other.queuePosition ?? 0) || other.createdAt - one.createdAt);
    const rows = this.whole.has(device) ? jobs : jobs.slice(0, firstRows);
    const queued = jobs.filter((job) => job.state === "queued");
    return card(device, [
      h("span.faint", { role: "status" }, isPaused ? "queue paused" : queued.length ? `${plural(queued.length, "job")} waiting` : ""),
      button(isPaused ? "Run the queue" : "Pause the queue", () => attempt(() => post(`/api/queues/${encodeURIComponent(device)}`, { paused: !isPaused })), { kind: "small" }),
    ], h("div.scroll", null, h("table.cards", { "aria-label": `Jobs on ${device}` }, header(), h("tbody", null, rows.map((job) => this.row(job))))),
    rows.length < jobs.length ? button(`Show ${count(jobs.length - rows.length)} more`, () => { this.whole.add(device); this.render(); }) : null);
  }

  /** @param {Job} job */
  row(job) {
    const box = h("input", { type: "checkbox", "aria-label": `Choose ${job.name}`, checked: this.chosen.has(job.id) });
    box.addEventListener("change", () => { box.checked ? this.chosen.add(job.id) : this.chosen.delete(job.id); this.renderBulk(); });
    return h("tr", { "data-job": job.id },
      h("td", null, box),
      h("td.main", null, h("a.job-name", { href: `#/job/${job.id}` }, job.name)),
      h("td", null, stateMark(job)),
      this.figures(job),
      h("td.tools", null, this.moves(job), actionButtons(job, ["start", "resume", "stop", "kill"])));
  }

  /** @param {Job} job @returns {HTMLElement[]} the cells that change with each step */
  figures(job) {
    return [
      h("td.wide.job-progress", null, progressCell(job)),
      h("td.number", { "data-label": "s/step" }, number(job.secondsPerStep, 3)),
      h("td.number", { "data-label": "left" }, job.state === "running" ? duration(remaining(job)) : "–"),
      h("td.number", { "data-label": "picture" }, number(job.lossVideo, 3)),
      h("td.number", { "data-label": "sound" }, number(job.lossAudio, 3)),
    ];
  }

  /** @param {Job} job */
  moves(job) {
    if (job.state !== "queued") return null;
    const queue = [...this.jobs.values()].filter((one) => one.state === "queued" && one.device === job.device)
      .sort((one, other) => (one.queuePosition ?? 0) - (other.queuePosition ?? 0));
    const place = queue.indexOf(job);
    const move = (/** @type {Job | undefined} */ before) => attempt(() => post(`/api/jobs/${job.id}/move`, { before: before?.id ?? null }));
    return [
      button("↑", () => move(queue[place - 1]), { kind: "small quiet", "aria-label": `${job.name} earlier`, disabled: place === 0 }),
      button("↓", () => move(queue[place + 2]), { kind: "small quiet", "aria-label": `${job.name} later`, disabled: place === queue.length - 1 }),
    ];
  }

  renderBulk() {
    const chosen = [...this.jobs.values()].filter((job) => this.chosen.has(job.id));
    this.bulk.hidden = chosen.length === 0;
    const offered = actions.filter((action) => ["start", "resume", "stop", "delete"].includes(action.name));
    fill(this.bulk, h("b", null, `${plural(chosen.length, "job")} chosen`), offered.map((action) => {
      const jobs = chosen.filter(action.isOffered);
      return button(`${action.text} ${jobs.length || ""}`, async () => {
        for (const job of jobs) await action.run(job);
        if (action.name === "delete") this.chosen.clear();
      }, { kind: "small", disabled: !jobs.length });
    }), button("None", () => { this.chosen.clear(); this.render(); }, { kind: "small quiet" }));
  }
}

/** @param {Element | null} element @returns {{job: string, label: string | null, tag: string} | null} where the focus is in the list */
function place(element) {
  const job = element?.closest("tr")?.dataset.job;
  return element && job ? { job, label: element.getAttribute("aria-label"), tag: element.tagName } : null;
}

/** @param {HTMLElement} stage @param {{job: string, label: string | null, tag: string}} place - the rows are new; the same control, or the job's name */
function refocus(stage, { job, label, tag }) {
  const row = stage.querySelector(`tr[data-job="${CSS.escape(job)}"]`);
  const same = [...(row?.querySelectorAll(tag) ?? [])].find((one) => one.getAttribute("aria-label") === label);
  /** @type {HTMLElement | null | undefined} */ (same ?? row?.querySelector("a"))?.focus({ preventScroll: true });
}

/** @param {Job} job */
function progressCell(job) {
  const total = job.totalSteps ?? 0;
  const words = job.state === "failed" && job.info ? h("span.bad.one-line", { title: job.info }, job.info)
    : h("span.faint", null, job.info && job.state !== "completed" ? job.info : job.endedAt ? `ended ${moment(job.endedAt)}` : "");
  return [
    h("progress", { max: total || 1, value: job.step, "aria-label": `Progress of ${job.name}` }),
    h("div.row.apart.small", null, h("span.number", null, `${count(job.step)} / ${count(job.totalSteps)}${total ? ` · ${percent(job.step / total)}` : ""}`), h("div.words", null, words)),
  ];
}

function header() {
  const names = ["", "Name", "State", "Progress", "s/step", "Left", "Loss, picture", "Loss, sound", ""];
  return h("thead", null, h("tr", null, names.map((name, index) => h("th", { scope: "col", class: index > 3 && index < 8 ? "number" : "" }, name || h("span.hidden-label", null, index ? "Actions" : "Choose")))));
}

function welcome() {
  return empty("No jobs yet. A job learns one character's face and voice from a folder of clips.",
    h("div.row.centred", null, h("a.button", { href: "#/datasets" }, "Look at your clips"), h("a.button.primary", { href: "#/new" }, "New job")));
}

export default {
  title: "Jobs",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  show: (root, { signal }) => new JobList(root, signal).load(signal),
};
