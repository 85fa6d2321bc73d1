// @ts-check
// The run file that is being edited: its text, what it says, what is wrong with it. Form and text both hang on it.

import { ApiError, post } from "./api.js";

/** @typedef {import("./api.js").Diagnostic} Diagnostic */

/** Dispatches `change` when text, values or faults are new. */
export class RunFileModel extends EventTarget {
  /** @param {string} yaml */
  constructor(yaml) {
    super();
    this.yaml = yaml;
    /** @type {Record<string, any>} */
    this.values = {};
    /** @type {Diagnostic[]} */
    this.diagnostics = [];
    /** @type {string[]} */
    this.lostComments = [];
    /** @type {string[]} clips of its folders that were marked as held out on their pages */
    this.marked = [];
    this.version = 0;
    /** @type {Promise<any>} */
    this.queue = Promise.resolve();
  }

  /** @param {string} yaml - while it is being typed: what comes from the server for an older text is no longer wanted */
  type(yaml) {
    this.yaml = yaml;
    this.version += 1;
  }

  /** @param {string} yaml - as a person wrote it; read by the server */
  async write(yaml) {
    this.yaml = yaml;
    const version = ++this.version;
    const answer = await checked(yaml);
    // While the server was reading, the text may have gone on.
    if (version === this.version) this.take(answer);
  }

  /**
   * Changes one key; changes wait for each other, as each begins with the text that the one before made.
   * @param {string} path
   * @param {any} value - null removes it
   */
  change(path, value) {
    this.queue = this.queue.catch(() => {}).then(async () => {
      const version = ++this.version;
      const answer = await post("/api/run-files/edit", { yaml: this.yaml, path, value });
      if (version !== this.version) return;
      this.yaml = answer.yaml;
      this.lostComments = answer.lostComments ?? [];
      this.take(answer);
    });
    return this.queue;
  }

  /** @param {{values?: Record<string, any>, diagnostics: Diagnostic[], heldOut?: string[]}} answer */
  take(answer) {
    // A text that is no YAML for a moment, while it is being typed, does not empty the form.
    const isReadable = Object.keys(answer.values ?? {}).length > 0 || !answer.diagnostics.some((one) => one.severity === "error");
    if (answer.values && isReadable) this.values = answer.values;
    this.diagnostics = answer.diagnostics;
    this.marked = answer.heldOut ?? [];
    this.dispatchEvent(new Event("change"));
  }

  /** Whether it can be run. */
  get isSound() { return !this.diagnostics.some((one) => one.severity === "error"); }

  /** Whether clips are marked as held out, and the file does not say so. */
  get ignoresMarks() {
    const held = [this.values["train.held_out"] ?? []].flat().map(stem);
    return this.marked.some((name) => !held.includes(stem(name)));
  }

  /** Writes the marks into the file; another way to choose held-out clips leaves it. */
  async takeMarks() {
    const names = this.marked;
    for (const path of ["train.validation_split", "train.validation_folder"]) {
      if (path in this.values) await this.change(path, null);
    }
    await this.change("train.held_out", names);
  }

  /** @param {string} path @returns {Diagnostic[]} those of this key */
  faults(path) { return this.diagnostics.filter((one) => one.path === path); }

  /** @param {string} list - such as `datasets` @returns {number} entries of it in the file */
  entries(list) {
    const indices = Object.keys(this.values).filter((path) => path.startsWith(`${list}[`)).map((path) => parseInt(path.slice(list.length + 1), 10));
    return indices.length ? Math.max(...indices) + 1 : 0;
  }
}

/** @param {any} name - of a clip, as a run file may give it: with its ending or without */
function stem(name) {
  return String(name).replace(/\.[a-z]\w+$/i, "");
}

/** @param {string} yaml */
async function checked(yaml) {
  try {
    return await post("/api/run-files/check", { yaml });
  } catch (error) {
    if (error instanceof ApiError && error.diagnostics) return { diagnostics: error.diagnostics };
    throw error;
  }
}
