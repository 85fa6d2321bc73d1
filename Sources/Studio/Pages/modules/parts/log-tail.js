// @ts-check
// The end of a job's log, which grows as the job writes.

import { get } from "../api.js";
import { button, h } from "../dom.js";
import { toastFault } from "./toast.js";

const firstPiece = 65536;
const longest = 1_000_000;

/** The log; it follows its end unless someone scrolled up. */
export class LogTail {
  /** @param {string} id - of the job @param {AbortSignal} signal */
  constructor(id, signal) {
    this.id = id;
    this.signal = signal;
    this.from = 0;
    this.to = 0;
    this.isReading = false;
    this.text = h("pre.log", { tabindex: 0, role: "log", "aria-label": "Log" });
    this.earlier = button("Earlier lines", () => this.loadEarlier(), { kind: "small" });
    this.element = h("div.stack", null, h("div.row", null, this.earlier), this.text);
  }

  async load() {
    const piece = await this.read(-firstPiece);
    this.text.textContent = piece.text || "Nothing was written yet.";
    [this.from, this.to] = [piece.from, piece.to];
    this.earlier.hidden = this.from === 0;
    this.text.scrollTop = this.text.scrollHeight;
  }

  async loadEarlier() {
    const start = Math.max(0, this.from - firstPiece);
    const piece = await this.read(start);
    const height = this.text.scrollHeight;
    this.text.prepend(piece.text.slice(0, piece.text.length - Math.max(0, piece.to - this.from)));
    this.from = start;
    this.earlier.hidden = start === 0;
    this.text.scrollTop += this.text.scrollHeight - height;
  }

  /** @param {number} from */
  read(from) {
    return get(`/api/jobs/${this.id}/log`, { from }, this.signal);
  }

  /** @param {number} size - bytes that the log has now */
  grow(size) {
    if (this.isReading || size === this.to) return;
    this.isReading = true;
    // A log that became shorter is another one.
    const reading = size < this.to ? this.load() : this.read(this.to).then((piece) => this.append(piece));
    reading.catch(toastFault).finally(() => { this.isReading = false; });
  }

  /** @param {{to: number, text: string}} piece */
  append(piece) {
    const isAtEnd = this.text.scrollTop + this.text.clientHeight >= this.text.scrollHeight - 40;
    if (this.to === 0) this.text.textContent = "";
    this.text.append(piece.text);
    this.to = piece.to;
    while (this.text.childNodes.length > 1 && (this.text.textContent?.length ?? 0) > longest) this.text.firstChild?.remove();
    if (isAtEnd) this.text.scrollTop = this.text.scrollHeight;
  }
}
