// @ts-check
// What was written and not saved outlives leaving the page, until the tab is closed.

/** A draft of one job's run file, or of a new one's. */
export class Draft {
  /** @param {string | null} id - of the job @param {string} original - what is saved */
  constructor(id, original) {
    this.key = `draft:${id ?? "new"}`;
    this.original = original;
  }

  /** @returns {string | null} what was written; null if nothing, or nothing else than what is saved */
  read() {
    const text = sessionStorage.getItem(this.key);
    return text === this.original ? null : text;
  }

  /** @param {string} text */
  keep(text) {
    if (text === this.original) this.forget();
    else sessionStorage.setItem(this.key, text);
  }

  forget() { sessionStorage.removeItem(this.key); }
}
