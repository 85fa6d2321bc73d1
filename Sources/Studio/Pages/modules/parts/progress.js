// @ts-check
// A task of the server: its progress, its last lines, its end.

import { ApiError, get, post } from "../api.js";
import { button, fill, h } from "../dom.js";
import { listen } from "../events.js";
import { attempt } from "./toast.js";

/** @typedef {{id: string, kind: string, state: string, result: any, error: any, lines: string[]}} Task */

/**
 * Starts a task and shows how it goes.
 * @param {HTMLElement} place - what it held goes
 * @param {string} kind
 * @param {any} values - the task's arguments
 * @param {AbortSignal} signal - leaving the page does not end the task
 * @returns {Promise<Task | null>} null where it did not succeed; the place then says why
 */
export async function runTask(place, kind, values, signal) {
  const started = await attempt(() => post("/api/tasks", { kind, arguments: values }));
  return started ? followTask(place, started.id, signal) : null;
}

/**
 * Follows a task that runs already.
 * @param {HTMLElement} place
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {Promise<Task | null>}
 */
export function followTask(place, id, signal) {
  const bar = h("progress", { "aria-label": "Progress" });
  const line = h("div.faint.small.one-line", { role: "status" }, "Starting …");
  const cancel = button("Cancel", () => attempt(() => post(`/api/tasks/${id}/cancel`)), { kind: "small" });
  const log = h("pre.lines", { hidden: true });
  fill(place, h("div.task", { "data-task": id }, bar, h("div.row.apart", null, h("div.grow", null, line), h("span.faint.small", null, id), cancel), log));
  return new Promise((resolve) => {
    const own = new AbortController();
    signal.addEventListener("abort", () => { own.abort(); resolve(null); });
    listen(`/api/tasks/${id}/events`, {
      line: ({ text }) => { line.textContent = text; addLine(log, text); },
      progress: ({ done, total, text }) => {
        if (total) [bar.max, bar.value] = [total, done];
        if (text) line.textContent = text;
      },
      ended: (task) => {
        own.abort();
        finish(place, task, log);
        resolve(task.state === "completed" ? task : null);
      },
    }, own.signal, { onRefused: () => attempt(() => askEnd(id, place, log)).then((task) => { own.abort(); resolve(task); }) });
  });
}

/**
 * Where there are no events: how it stands.
 * @param {string} id @param {HTMLElement} place @param {HTMLElement} log
 * @returns {Promise<Task | null>}
 */
async function askEnd(id, place, log) {
  const task = await get(`/api/tasks/${id}`);
  finish(place, task, log);
  return task.state === "completed" ? task : null;
}

/** @param {HTMLElement} log @param {string} text */
function addLine(log, text) {
  log.hidden = false;
  log.append(`${text}\n`);
  while (log.childNodes.length > 200) log.firstChild?.remove();
  log.scrollTop = log.scrollHeight;
}

/** @param {HTMLElement} place @param {Task} task @param {HTMLElement} log */
function finish(place, task, log) {
  if (task.state === "completed") {
    place.replaceChildren();
  } else if (task.state === "cancelled") {
    fill(place, h("p.faint", null, "Cancelled."));
  } else {
    const words = new ApiError(0, { error: task.error ?? { message: "It failed; the last lines say why" } }).words;
    fill(place, h("div.fault", { role: "alert" }, words), log);
  }
}
