// @ts-check
// A text field for YAML: line numbers, colours, marks at the lines that have a fault.

import { fill, h } from "../dom.js";

/** @typedef {import("../api.js").Diagnostic} Diagnostic */

const token = /(#.*$)|("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|^(\s*(?:- )*)([\w$.\-/]+)(:)(?=\s|$)|\b(true|false|null|~)\b|(?<![\w.\-/])(-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)(?![\w.])/gi;

/** The editor; `input` events of its element say that a person changed the text. */
export class YAMLEditor {
  /** @param {string} label */
  constructor(label) {
    this.area = h("textarea", { "aria-label": label, spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off", "aria-describedby": "yaml-faults" });
    this.colours = h("pre", { "aria-hidden": "true" });
    this.gutter = h("div.gutter", { "aria-hidden": "true" });
    this.faults = h("ul.faults", { id: "yaml-faults", "aria-live": "polite" });
    this.element = h("div.yaml", null, h("div.yaml-text", null, this.gutter, h("div.yaml-layers", null, this.colours, this.area)), this.faults);
    /** @type {Diagnostic[]} */
    this.diagnostics = [];
    this.area.addEventListener("input", () => this.paint());
    this.area.addEventListener("scroll", () => this.follow());
  }

  /** @returns {string} */
  get text() { return this.area.value; }

  /** @param {string} text - the cursor stays at its line where it can */
  set text(text) {
    if (text === this.area.value) return;
    const [place, top] = [this.area.selectionStart, this.area.scrollTop];
    this.area.value = text;
    this.area.setSelectionRange(place, place);
    this.area.scrollTop = top;
    this.paint();
  }

  /** @param {Diagnostic[]} diagnostics */
  showFaults(diagnostics) {
    this.diagnostics = diagnostics;
    this.paint();
    fill(this.faults, diagnostics.map((one) => h("li", { class: one.severity },
      h("button.line-link", { type: "button", on: { click: () => this.reveal(one.line) } }, `Line ${one.line}`),
      h("span", null, one.path ? h("code", null, one.path) : null, " ", one.message, one.fix ? h("span.faint", null, " – ", one.fix) : null))));
  }

  /** @param {number} line - counted from 1; gets the cursor */
  reveal(line) {
    const lines = this.text.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    this.area.scrollTop = Math.max(0, (line - 4) * 19);
  }

  paint() {
    const marks = new Map(this.diagnostics.map((one) => [one.line, one.severity]));
    const lines = this.text.split("\n");
    fill(this.gutter, lines.map((_, index) => h("span", { class: marks.get(index + 1) ?? "" }, index + 1)));
    fill(this.colours, lines.map((line) => [colouredLine(line), "\n"]));
    this.follow();
  }

  follow() {
    this.colours.scrollTop = this.gutter.scrollTop = this.area.scrollTop;
    this.colours.scrollLeft = this.area.scrollLeft;
  }
}

/** @param {string} line @returns {any[]} */
function colouredLine(line) {
  const parts = [];
  let end = 0;
  for (const match of line.matchAll(token)) {
    const [whole, comment, quoted, indent, key, colon, word] = match;
    const start = match.index ?? 0;
    parts.push(line.slice(end, start));
    if (key) parts.push(indent, h("b", null, key), colon);
    else parts.push(h(comment ? "i" : quoted ? "s" : word ? "u" : "em", null, whole));
    end = start + whole.length;
  }
  return [...parts, line.slice(end)];
}
