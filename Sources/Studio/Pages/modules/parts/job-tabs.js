// @ts-check
// Tabs of a job that are read once: files, plan, adapter.

import { fileAddress, get } from "../api.js";
import { button, card, empty, factList, fill, h } from "../dom.js";
import { bytes, duration, moment, number } from "../format.js";
import { planBars } from "./memory-bar.js";
import { inspection } from "./inspection.js";
import { followTask, runTask } from "./progress.js";

/** @typedef {import("../job-actions.js").Job} Job */

const kinds = { adapter: "Adapters", sample: "Samples", state: "States to go on from", metrics: "Metrics", log: "Logs", config: "Run files", other: "Others" };

/** @param {Job} job @param {HTMLElement} stage @param {AbortSignal} signal */
export async function filesTab(job, stage, signal) {
  const { files } = await get(`/api/jobs/${job.id}/files`, {}, signal);
  if (!files.length) return fill(stage, empty("No files yet."));
  fill(stage, Object.entries(kinds).map(([kind, title]) => {
    const some = files.filter((/** @type {any} */ file) => file.kind === kind);
    return some.length ? card(title, h("span.faint.number", null, bytes(some.reduce((/** @type {number} */ sum, /** @type {any} */ file) => sum + file.bytes, 0))), fileTable(some)) : null;
  }));
}

/** @param {any[]} files */
function fileTable(files) {
  return h("div.scroll", null, h("table.cards", { "aria-label": "Files" },
    h("tbody", null, files.map((file) => h("tr", null,
      h("td.main", null, h("span.mono", null, file.name)), h("td.number", null, bytes(file.bytes)), h("td.number.faint", null, moment(file.modifiedAt)),
      h("td.tools", null, h("a.button.small", { href: fileAddress(file.path, true), download: "", "aria-label": `Download ${file.name}` }, "Download")))))));
}

/** @param {Job} job @param {HTMLElement} stage @param {AbortSignal} signal */
export async function planTab(job, stage, signal) {
  const answer = await get(`/api/jobs/${job.id}/plan`, {}, signal);
  const place = h("div");
  fill(stage, place);
  const plan = answer.plan ?? (answer.task ? (await followTask(place, answer.task, signal))?.result : null);
  if (plan) return fill(stage, planView(plan));
  if (answer.task) return;
  const ask = button("Make the plan", async () => {
    const yaml = job.yaml ?? (await get(`/api/jobs/${job.id}`)).yaml;
    const task = await runTask(place, "plan", { yaml }, signal);
    if (task) fill(stage, planView(task.result));
  }, { kind: "primary" });
  fill(place, empty("There is no plan of this job yet.", ask));
}

/** @param {any} plan - what `plan --json` says @returns {HTMLElement} */
export function planView(plan) {
  const { time } = plan;
  return h("div.stack", null, time ? factList([
    ["Steps", String(time.steps)], ["Seconds per step", `${number(time.secondsPerStep, 3)}${time.isMeasured ? ", measured" : ", estimated"}`],
    ["Whole run", duration(time.seconds)], ["Blocks", plan.blockCount ? `${plan.blockCount}, ${plan.offloadedBlocks ?? 0} offloaded` : null],
  ]) : null, planBars(plan));
}

/** @param {Job} job @param {HTMLElement} stage @param {AbortSignal} signal */
export async function inspectTab(job, stage, signal) {
  const answer = await get(`/api/jobs/${job.id}/inspect`, {}, signal);
  const place = h("div");
  fill(stage, place);
  const report = answer.report ?? (answer.task ? (await followTask(place, answer.task, signal))?.result : null);
  if (report) return fill(stage, inspection(report));
  if (answer.task) return;
  if (!answer.file) return fill(place, empty("No adapter was saved yet."));
  const ask = button("Look into the adapter", async () => {
    const task = await runTask(place, "inspect", { file: answer.file }, signal);
    if (task) fill(stage, inspection(task.result));
  }, { kind: "primary" });
  fill(place, empty("The newest adapter was not looked into yet.", ask));
}
