// @ts-check
// One job: figures, curves, samples, log, files, plan, adapter.

import { get } from "../api.js";
import { fill, h, spaced } from "../dom.js";
import { listen } from "../events.js";
import { count, duration, moment, number, percent, remaining } from "../format.js";
import { actionButtons, stateMark } from "../job-actions.js";
import { CurvePanel } from "../parts/curve-panel.js";
import { LogTail } from "../parts/log-tail.js";
import { SampleGrid } from "../parts/sample-grid.js";
import { toast, toastFault } from "../parts/toast.js";
import { shortcut } from "../shortcuts.js";
import { filesTab, inspectTab, planTab } from "../parts/job-tabs.js";
import { go } from "../router.js";

/** @typedef {import("../job-actions.js").Job} Job */

const tabs = { curves: "Curves", samples: "Samples", log: "Log", files: "Files", plan: "Plan", adapter: "Adapter", config: "Run file" };
/** @typedef {keyof typeof tabs} Tab */

/** The page; what does not depend on the tab stays while the job runs. */
class JobPage {
  /** @param {HTMLElement} root @param {Job} job @param {Tab} tab @param {AbortSignal} signal */
  constructor(root, job, tab, signal) {
    this.job = job;
    this.head = h("div.stack");
    this.stage = h("div.stack");
    root.append(this.head, tabBar(job, tab), this.stage);
    this.curves = tab === "curves" ? new CurvePanel(job.id, job.name, signal) : null;
    this.samples = tab === "samples" ? new SampleGrid() : null;
    this.log = tab === "log" ? new LogTail(job.id, signal) : null;
    this.tab = tab;
    this.signal = signal;
    this.start = h("p.faint.small.one-line", { role: "status" });
    this.readStartSoon = spaced(() => this.readStart().catch(toastFault), 500);
    root.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
    this.renderHead();
    this.readStartSoon();
    this.listen();
  }

  listen() {
    const { id } = this.job;
    const take = (/** @type {Job} */ job) => { this.job = { ...this.job, ...job }; this.renderHead(); };
    window.addEventListener("jobchange", (event) => take(/** @type {CustomEvent} */ (event).detail), { signal: this.signal });
    listen(`/api/jobs/${id}/events`, {
      state: take,
      step: (progress) => { Object.assign(this.job, progress); this.renderFigures(); this.renderStart(); this.curves?.refreshSoon(); },
      log: ({ size }) => { this.log?.grow(size); this.readStartSoon(); },
      sample: (sample) => this.samples?.add(sample),
      problem: ({ text }) => toast(text, "fault"),
      behind: () => this.readAgain().catch(toastFault),
      saved: () => { if (this.tab === "files") this.showTab().catch(toastFault); },
    }, this.signal, { onOpen: (isAgain) => { if (isAgain) this.readAgain().catch(toastFault); } });
  }

  async readAgain() {
    this.job = await get(`/api/jobs/${this.job.id}`, {}, this.signal);
    this.renderHead();
    await this.showTab();
  }

  renderHead() {
    const { job } = this;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-actions] button"))?.dataset.action;
    this.figures = h("div.figures", { "aria-label": "Figures" });
    fill(this.head,
      h("div.head", null, h("h1", null, job.name), h("span", { "aria-live": "polite" }, stateMark(job)), h("div.row", { "data-actions": "" }, actionButtons(job))),
      job.info ? h("div.fault", { class: job.state === "failed" ? "" : "soft", role: job.state === "failed" ? "alert" : "status" }, job.info.replace(/\.?$/, "."),
        job.state === "failed" && job.canResume ? " It can be resumed from the last saved state." : "") : null,
      h("progress", { max: job.totalSteps || 1, value: job.step, "aria-label": "Progress" }), this.figures);
    if (focused) /** @type {HTMLElement | null} */ (this.head.querySelector(`[data-action="${focused}"]`) ?? this.head.querySelector("[data-actions] button"))?.focus({ preventScroll: true });
    this.renderFigures();
    this.renderStart();
  }

  /** Until the first step is made, the log says what is done meanwhile: loading and encoding take long with a large model. */
  renderStart() {
    this.start.hidden = this.job.state !== "running" || this.job.step > 0 || !this.start.textContent;
    if (this.start.parentElement !== this.head) this.head.append(this.start);
  }

  async readStart() {
    if (this.job.state !== "running" || this.job.step > 0) return;
    const { text } = await get(`/api/jobs/${this.job.id}/log`, { from: -2000 }, this.signal);
    const lines = text.split(/[\r\n]+/).map((/** @type {string} */ line) => line.trim()).filter(Boolean);
    this.start.textContent = lines.at(-1) ?? "";
    this.renderStart();
  }

  renderFigures() {
    const { job } = this;
    const bar = this.head.querySelector("progress");
    if (bar) [bar.max, bar.value] = [job.totalSteps || 1, job.step];
    const figure = (/** @type {string} */ name, /** @type {string} */ value) => h("div.figure", null, h("b", null, value), h("span", null, name));
    fill(/** @type {HTMLElement} */ (this.figures),
      figure(`step of ${count(job.totalSteps)}${job.totalSteps ? `, ${percent(job.step / job.totalSteps)}` : ""}`, count(job.step)),
      figure("seconds per step", number(job.secondsPerStep, 3)),
      figure(job.state === "running" ? "left" : "ended", job.state === "running" ? duration(remaining(job)) : moment(job.endedAt)),
      figure("loss of the picture", number(job.lossVideo, 3)), figure("loss of the sound", number(job.lossAudio, 3)), figure("device", job.device));
  }

  async showTab() {
    const { id } = this.job;
    if (this.curves) {
      if (!this.curves.element.isConnected) fill(this.stage, this.curves.element);
      await this.curves.refresh();
      const { jobs } = await get("/api/jobs", {}, this.signal);
      this.curves.offer(jobs.filter((/** @type {Job} */ job) => job.step > 0));
    } else if (this.samples) {
      fill(this.stage, this.samples.element);
      this.samples.show(await get(`/api/jobs/${id}/samples`, {}, this.signal));
    } else if (this.log) {
      fill(this.stage, this.log.element);
      await this.log.load();
    } else {
      await otherTab(this.tab, this.job, this.stage, this.signal);
    }
  }
}

/** @param {Tab} tab @param {Job} job @param {HTMLElement} stage @param {AbortSignal} signal */
async function otherTab(tab, job, stage, signal) {
  if (tab === "files") return filesTab(job, stage, signal);
  if (tab === "plan") return planTab(job, stage, signal);
  if (tab === "adapter") return inspectTab(job, stage, signal);
  fill(stage, h("div.row", null, h("a.button", { href: `/api/jobs/${job.id}/yaml`, download: `${job.name}.yaml` }, "Download")), h("pre.card.code", { tabindex: 0 }, job.yaml ?? ""));
}

/** @param {Job} job @param {Tab} tab */
function tabBar(job, tab) {
  return h("nav.tabs", { "aria-label": "Parts of the job" }, Object.entries(tabs).map(([name, text]) =>
    h("a", { href: `#/job/${job.id}/${name}`, "aria-current": name === tab ? "page" : null }, text)));
}

export default {
  title: "Job",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  async show(root, { parts: [id, name], signal }) {
    const tab = /** @type {Tab} */ (name && name in tabs ? name : "curves");
    const job = await get(`/api/jobs/${encodeURIComponent(id)}`, {}, signal);
    document.title = `${job.name} · Likeness`;
    Object.keys(tabs).forEach((other, index) => shortcut(String(index + 1), `Tab ${tabs[/** @type {Tab} */ (other)]}`, () => go(`#/job/${id}/${other}`), signal));
    await new JobPage(root, job, tab, signal).showTab();
  },
};
