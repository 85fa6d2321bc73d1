// @ts-check
// Pages by the address behind `#`. A page gets a signal that aborts when it is left: everything it started hangs on that.

import { fill, h } from "./dom.js";
import { ApiError } from "./api.js";

/**
 * @typedef {{parts: string[], query: URLSearchParams, signal: AbortSignal}} Route
 * @typedef {{title: string, show: (root: HTMLElement, route: Route) => any}} Page
 */

/** @type {AbortController | null} */
let current = null;

/**
 * Shows pages as the address changes.
 * @param {HTMLElement} root
 * @param {(name: string) => Promise<Page>} load - the page of the address's first part
 * @param {(name: string) => void} onChange
 */
export function startRouter(root, load, onChange) {
  const follow = () => open(root, load, onChange);
  window.addEventListener("hashchange", follow);
  follow();
}

/** @param {string} address - such as `#/jobs` */
export function go(address) {
  location.hash = address;
}

/** @param {HTMLElement} root @param {(name: string) => Promise<Page>} load @param {(name: string) => void} onChange */
async function open(root, load, onChange) {
  const { parts, query } = parse(location.hash);
  current?.abort();
  const controller = current = new AbortController();
  const stage = h("div", { class: "stack" });
  try {
    const page = await load(parts[0]);
    if (controller.signal.aborted) return;
    onChange(parts[0]);
    document.title = `${page.title} · Likeness`;
    fill(root, stage);
    await page.show(stage, { parts: parts.slice(1), query, signal: controller.signal });
  } catch (error) {
    if (!controller.signal.aborted) fill(root, failure(error));
  }
}

/** @param {string} hash */
function parse(hash) {
  const [path, search] = hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  return { parts: parts.length ? parts : ["jobs"], query: new URLSearchParams(search ?? "") };
}

/** @param {any} error - shown in place of a page */
export function failure(error) {
  const words = error instanceof ApiError ? error.words : String(error?.message ?? error);
  if (!(error instanceof ApiError)) console.error(error);
  return h("div.fault", { role: "alert" }, h("b", null, "This could not be shown. "), words);
}
