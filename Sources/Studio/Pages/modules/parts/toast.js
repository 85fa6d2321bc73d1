// @ts-check
// Short notes in the corner: what was done, what failed and what to do.

import { ApiError } from "../api.js";
import { button, h } from "../dom.js";

/**
 * @param {any} content
 * @param {"note" | "fault"} [kind]
 * @param {number} [seconds] - how long it stays
 */
export function toast(content, kind = "note", seconds = kind === "fault" ? 12 : 4) {
  const element = h("div.toast", { class: kind }, h("div.grow", null, content));
  element.append(button("✕", () => element.remove(), { kind: "quiet small", "aria-label": "Dismiss" }));
  const place = document.getElementById("toasts");
  place?.append(element);
  // Shown anew it lies above a dialog that was opened meanwhile.
  if (place?.matches(":popover-open")) place.hidePopover();
  place?.showPopover();
  setTimeout(() => element.remove(), seconds * 1000);
}

/** @param {any} error */
export function toastFault(error) {
  if (error?.name === "AbortError") return;
  if (!(error instanceof ApiError)) console.error(error);
  toast(error instanceof ApiError ? error.words : String(error?.message ?? error), "fault");
}

/**
 * Does something and tells what went wrong with it.
 * @template T
 * @param {() => Promise<T>} action
 * @param {string} [done] - what to say when it went well
 * @returns {Promise<T | null>} null where it failed
 */
export async function attempt(action, done) {
  try {
    const result = await action();
    if (done) toast(done);
    return result;
  } catch (error) {
    toastFault(error);
    return null;
  }
}
