// @ts-check
// Keys for what is done often. Pages add their own while they are shown.

import { h } from "./dom.js";
import { openDialog } from "./parts/dialog.js";
import { go } from "./router.js";

/** @type {Map<string, {text: string, action: () => void}>} */
const shortcuts = new Map([
  ["?", { text: "This list", action: showList }],
  ["g j", { text: "Jobs", action: () => go("#/jobs") }],
  ["g d", { text: "Datasets", action: () => go("#/datasets") }],
  ["g l", { text: "LoRAs", action: () => go("#/loras") }],
  ["g b", { text: "Bin", action: () => go("#/bin") }],
  ["g s", { text: "System", action: () => go("#/system") }],
  ["n", { text: "New job", action: () => go("#/new") }],
]);

let pending = "";

/** Listens to keys, but not where text is typed. */
export function startShortcuts() {
  document.getElementById("help")?.addEventListener("click", showList);
  document.addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const isTyping = target.matches("input:not([type=checkbox]):not([type=range]), textarea, select, [contenteditable]");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const keys = pending ? `${pending} ${event.key}` : event.key;
    pending = [...shortcuts.keys()].some((known) => known.startsWith(`${keys} `)) ? keys : "";
    const shortcut = shortcuts.get(keys);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.action();
  });
}

/**
 * Adds a shortcut while a page is shown.
 * @param {string} keys - one key, or two with a space between
 * @param {string} text - what it does
 * @param {() => void} action
 * @param {AbortSignal} signal
 */
export function shortcut(keys, text, action, signal) {
  shortcuts.set(keys, { text, action });
  signal.addEventListener("abort", () => {
    if (shortcuts.get(keys)?.action === action) shortcuts.delete(keys);
  });
}

function showList() {
  const rows = [...shortcuts].map(([keys, { text }]) =>
    [h("dt", null, keys.split(" ").map((key) => [h("kbd", null, key), " "])), h("dd", null, text)]);
  openDialog("Keyboard", h("dl.facts", null, rows,
    h("dt", null, h("kbd", null, "Tab")), h("dd", null, "The next control; Shift with it: the one before"),
    h("dt", null, h("kbd", null, "Space")), h("dd", null, "Play, or press the control that has the focus")));
}
