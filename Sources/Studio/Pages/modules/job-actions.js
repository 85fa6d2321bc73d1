// @ts-check
// What can be done with a job in each state, for the list and for the job's own page.

import { post, remove } from "./api.js";
import { button, h } from "./dom.js";
import { asked, confirmed } from "./parts/dialog.js";
import { attempt, toast } from "./parts/toast.js";
import { go } from "./router.js";

/**
 * @typedef {{id: string, name: string, device: string, state: string, step: number, totalSteps: number | null, secondsPerStep: number | null, lossVideo: number | null, lossAudio: number | null,
 *   info: string | null, queuePosition: number | null, folder: string | null, createdAt: number, startedAt: number | null, endedAt: number | null, stopAskedAt: number | null, canResume: boolean, yaml?: string}} Job
 */

const isActive = (/** @type {Job} */ job) => ["queued", "running", "stopping"].includes(job.state);
const isRunning = (/** @type {Job} */ job) => job.state === "running";
/** A run that made all its steps goes on only when it is given more of them. */
const isAtEnd = (/** @type {Job} */ job) => job.state === "completed" && job.step >= (job.totalSteps ?? 0);

/** @type {{name: string, text: string, isOffered: (job: Job) => boolean, run: (job: Job) => Promise<any>, kind?: string}[]} */
export const actions = [
  { name: "start", text: "Start", kind: "primary", isOffered: (job) => !isActive(job) && !job.canResume, run: (job) => change(job, "start") },
  { name: "resume", text: "Resume", kind: "primary", isOffered: (job) => !isActive(job) && job.canResume && !isAtEnd(job), run: (job) => change(job, "resume") },
  { name: "stop", text: "Stop", isOffered: (job) => job.state === "queued" || isRunning(job), run: (job) => change(job, "stop", {}, job.state === "running" ? `${job.name} finishes its step, saves and stops.` : undefined) },
  { name: "kill", text: "Stop at once", kind: "danger", isOffered: (job) => job.state === "stopping", run: kill },
  { name: "save-now", text: "Save now", isOffered: isRunning, run: (job) => change(job, "save-now", {}, "It saves after this step.") },
  { name: "sample-now", text: "Sample now", isOffered: isRunning, run: (job) => change(job, "sample-now", {}, "It samples after this step.") },
  { name: "restart", text: "Start over", isOffered: (job) => !isActive(job) && job.canResume, run: restart },
  { name: "edit", text: "Edit", isOffered: (job) => !isActive(job), run: async (job) => go(`#/edit/${job.id}`) },
  { name: "clone", text: "Clone", isOffered: () => true, run: clone },
  { name: "export", text: "Export", isOffered: () => true, run: async (job) => exportFile(job) },
  { name: "delete", text: "Delete", kind: "danger", isOffered: (job) => !isActive(job), run: discard },
];

/** @param {Job} job @param {string} action @param {any} [body] @param {string} [done] */
async function change(job, action, body = {}, done = undefined) {
  const changed = await attempt(() => post(`/api/jobs/${job.id}/${action}`, body), done);
  // The events say it too; the answer is there at once, and also where the events' connection is lost.
  if (changed) window.dispatchEvent(new CustomEvent("jobchange", { detail: changed }));
  return changed;
}

/** @param {Job} job */
async function kill(job) {
  const isSure = await confirmed("Stop at once", `${job.name} is about to finish its step and save. Stopping at once loses what was learned since the last save.`, "Stop at once");
  return isSure ? change(job, "stop", { atOnce: true }) : null;
}

/** @param {Job} job */
async function restart(job) {
  const isSure = await confirmed("Start over", `${job.name} has a saved state at step ${job.step}. Starting over begins at step 0; the old folder is kept under another name.`, "Start over");
  return isSure ? change(job, "start", { over: true }) : null;
}

/** @param {Job} job */
async function clone(job) {
  const name = await asked("Clone", "Name of the new job", `${job.name}_2`, "Clone");
  if (!name) return null;
  const made = await attempt(() => post(`/api/jobs/${job.id}/clone`, { name }));
  if (made) go(`#/edit/${made.id}`);
  return made;
}

/** @param {Job} job */
function exportFile(job) {
  const link = h("a", { href: `/api/jobs/${job.id}/yaml`, download: `${job.name}.yaml` });
  link.click();
}

/** @param {Job} job */
async function discard(job) {
  await attempt(() => remove(`/api/jobs/${job.id}`));
  const undo = button("Undo", () => attempt(() => post(`/api/bin/${job.id}/restore`)), { kind: "small" });
  toast(h("span", null, `${job.name} is in the bin. `, undo), "note", 8);
}

/** @param {Job} job @param {string[]} [names] - only these; otherwise all @returns {HTMLButtonElement[]} */
export function actionButtons(job, names) {
  return actions.filter((action) => (!names || names.includes(action.name)) && action.isOffered(job))
    .map((action) => button(action.text, () => action.run(job), { kind: `${action.kind ?? ""}${names ? " small" : ""}`, "data-action": action.name, "aria-label": names ? `${action.text} ${job.name}` : null }));
}

/** @param {Job} job @returns {HTMLElement} the state in words, with a mark */
export function stateMark(job) {
  return h("span.state", { class: job.state }, job.state);
}
