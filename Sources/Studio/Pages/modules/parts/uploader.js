// @ts-check
// Files dropped or chosen, sent in pieces; what broke off goes on where it stopped.

import { ApiError, get, post, send } from "../api.js";
import { button, h } from "../dom.js";
import { bytes, percent } from "../format.js";
import { attempt } from "./toast.js";

const pieceSize = 8 * 1024 * 1024;
const longestWait = 30;

/**
 * A place for files; the page around it takes drops too.
 * @param {string} folder - root path
 * @param {(path: string) => void} onFile - each file that is complete
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function uploader(folder, onFile, signal) {
  const list = h("ul.uploads", { "aria-live": "polite" });
  const input = h("input", { type: "file", multiple: true, hidden: true, accept: "video/*,image/*,.txt,.mkv" });
  const take = async (/** @type {FileList | null} */ files) => {
    // One after another: a disk or a slow line gains nothing from several at once.
    for (const file of files ?? []) await attempt(() => upload(folder, file, list, onFile));
  };
  input.addEventListener("change", () => { take(input.files); });
  const zone = h("div.drop", null, list,
    h("div.row", null, button("Add files", () => input.click()), h("span.faint", null, "or drop clips and captions anywhere on this page")), input);
  acceptDrops(zone, take, signal);
  return zone;
}

/** @param {HTMLElement} zone @param {(files: FileList | null) => void} take @param {AbortSignal} signal */
function acceptDrops(zone, take, signal) {
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.classList.add("is-over");
  }, { signal });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("is-over"); }, { signal });
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    zone.classList.remove("is-over");
    take(event.dataTransfer?.files ?? null);
  }, { signal });
}

/** @param {string} folder @param {File} file @param {HTMLElement} list @param {(path: string) => void} onFile */
async function upload(folder, file, list, onFile) {
  const bar = h("progress", { max: file.size || 1, value: 0, "aria-label": file.name });
  const words = h("span.faint.number");
  const cancelling = new AbortController();
  const row = h("li", null, h("div.row.apart", null, h("span", null, file.name), words,
    button("Cancel", () => cancelling.abort(), { kind: "small" })), bar);
  list.append(row);
  try {
    const begun = await post("/api/uploads", { folder, name: file.name, size: file.size });
    const path = begun.file ?? await sendPieces(begun.id, file, begun.offset, cancelling.signal, (done, note) => {
      bar.value = done;
      words.textContent = `${bytes(done)} of ${bytes(file.size)} (${percent(done / (file.size || 1))})${note}`;
    });
    onFile(path);
  } finally {
    row.remove();
  }
}

/** @param {string} id @param {File} file @param {number} offset @param {AbortSignal} signal @param {(done: number, note: string) => void} report @returns {Promise<string>} the file's root path */
async function sendPieces(id, file, offset, signal, report) {
  let failures = 0;
  for (;;) {
    report(offset, "");
    try {
      const piece = file.slice(offset, offset + pieceSize);
      const answer = await send("PATCH", `/api/uploads/${id}`, piece, { "Upload-Offset": String(offset) }, signal);
      if (answer.file) return answer.file;
      [offset, failures] = [answer.offset, 0];
    } catch (error) {
      if (signal.aborted) { await send("DELETE", `/api/uploads/${id}`); throw error; }
      if (error instanceof ApiError && error.status !== 0 && error.status !== 409 && error.status < 500) throw error;
      if (++failures > 10) throw error;
      report(offset, ", the connection broke off; trying again");
      await new Promise((resolve) => setTimeout(resolve, Math.min(longestWait, 2 ** failures) * 500));
      offset = await get(`/api/uploads/${id}`).then((answer) => answer.offset, () => offset);
    }
  }
}
