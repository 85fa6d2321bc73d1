// @ts-check
// One key of the run file as a control, with documentation, default and fault; made from its entry in the schema.

import { fill, h, prose } from "../dom.js";
import { configValue } from "../format.js";

/**
 * @typedef {{path: string, type: string, default: any, defaultNote?: string, isRequired: boolean, expected: string, allowedValues?: string[], documentation: string, status: string}} SchemaEntry
 * @typedef {import("../api.js").Diagnostic} Diagnostic
 */

const isNumeric = (/** @type {string} */ type) => type === "integer" || type === "number";

/** A labelled control; calls `onChange` with the new value, null for "as if it were not there". */
export class KeyField {
  /**
   * @param {SchemaEntry} entry
   * @param {string} path - with indices: `datasets[0].fps`
   * @param {(path: string, value: any) => void} onChange
   */
  constructor(entry, path, onChange) {
    this.entry = entry;
    this.path = path;
    this.onChange = onChange;
    const id = `key-${path.replace(/[^\w]/g, "-")}`;
    this.control = this.makeControl(id);
    this.fault = h("p.key-fault", { id: `${id}-fault`, "aria-live": "polite" });
    this.preset = h("span.faint");
    const name = path.slice(path.lastIndexOf(".") + 1);
    const label = entry.type.startsWith("list of choice") ? h("span.key-name", { id: `${id}-label` }, name) : h("label.key-name", { for: id }, name);
    this.element = h("div.key", { "data-path": path },
      h("div.row.apart", null, label, h("span.faint.small", null, this.defaultWords(), this.preset)),
      this.control, this.fault,
      h("p.key-help.small.faint", { id: `${id}-help` }, prose(entry.documentation), entry.status === "live" ? "" : ` (${entry.status === "refused" ? "an error here" : "without effect here"})`));
  }

  defaultWords() {
    if (this.entry.isRequired) return "required";
    return `default ${this.entry.defaultNote ?? inWords(this.entry.default)}`;
  }

  /** What counts while the field is empty. */
  placeholder() {
    const value = this.entry.default;
    return value === null || value === undefined || this.entry.isRequired || Array.isArray(value) && !value.length ? "" : written(value);
  }

  /** @param {any} preset - the preset's value @returns {string} what a choice says while the key is not in the file */
  unsetWords(preset) {
    if (preset !== undefined) return `${inWords(preset)} (preset)`;
    if (this.entry.isRequired) return "choose …";
    return this.entry.default === null || this.entry.default === undefined ? "default" : `${inWords(this.entry.default)} (default)`;
  }

  /** @param {string} id */
  makeControl(id) {
    const { type, allowedValues, expected } = this.entry;
    const common = { id, title: expected, "aria-describedby": `${id}-help ${id}-fault` };
    if (type === "list of choice") return this.checkboxes(id, allowedValues ?? []);
    if (type === "boolean" || allowedValues?.length) {
      const words = type === "boolean" ? ["true", "false"] : allowedValues ?? [];
      return h("select", { ...common, on: { change: () => this.report() } },
        h("option", { value: "" }, this.unsetWords(undefined)), words.map((word) => h("option", { value: word }, word)));
    }
    const isLong = /^(list|mapping|any)/.test(type) || /prompt|caption|neg$/.test(this.path);
    return isLong
      ? h("textarea", { ...common, rows: 2, placeholder: this.placeholder(), spellcheck: "false", on: { change: () => this.report() } })
      : h("input", { ...common, type: "text", placeholder: this.placeholder(), inputmode: isNumeric(type) ? "decimal" : "text", autocomplete: "off", on: { change: () => this.report() } });
  }

  /** @param {string} id @param {string[]} words */
  checkboxes(id, words) {
    return h("div.row", { id, role: "group", "aria-labelledby": `${id}-label`, on: { change: () => this.report() } },
      words.map((word) => h("label.inline", null, h("input", { type: "checkbox", value: word }), word)));
  }

  report() { this.onChange(this.path, this.read()); }

  read() {
    const { type } = this.entry;
    if (type === "list of choice") {
      const chosen = [...this.control.querySelectorAll("input:checked")].map((/** @type {any} */ box) => box.value);
      return chosen.length ? chosen : null;
    }
    const text = this.control.value.trim();
    return text === "" ? null : parsed(text, type);
  }

  /** @param {any} value - of the file; undefined: not there @param {any} preset - the preset's, undefined without one */
  show(value, preset) {
    fill(this.preset, preset !== undefined && value === undefined ? ` · preset ${inWords(preset)}` : "");
    this.element.classList.toggle("is-set", value !== undefined);
    if (this.control.placeholder !== undefined) this.control.placeholder = preset === undefined ? this.placeholder() : written(preset);
    if (this.control.tagName === "SELECT") this.control.options[0].textContent = this.unsetWords(preset);
    if (this.control.contains(document.activeElement) && document.activeElement?.matches("input[type=text], textarea")) return;
    if (this.entry.type === "list of choice") {
      const list = [value ?? preset ?? []].flat().map(String);
      for (const box of this.control.querySelectorAll("input")) box.checked = list.includes(box.value);
    } else {
      this.control.value = value === undefined || value === null ? "" : written(value);
    }
  }

  /** @param {Diagnostic[]} diagnostics - those of this key */
  showFaults(diagnostics) {
    const isFaulty = diagnostics.some((one) => one.severity === "error");
    this.control.setAttribute("aria-invalid", String(isFaulty));
    this.fault.classList.toggle("soft", !isFaulty);
    fill(this.fault, diagnostics.map((one) => [one.message, one.fix ? ` – ${one.fix}` : "", " "]));
  }
}

/** @param {string} text @param {string} type @returns {any} a wrong value stays text, so that the server says what is wrong with it */
function parsed(text, type) {
  if (type === "boolean" || /boolean/.test(type) && /^(true|false)$/.test(text)) return text === "true";
  if (/integer|number/.test(type) && Number.isFinite(Number(text))) return Number(text);
  if (/^[[{]/.test(text)) {
    try { return JSON.parse(text); } catch { /* not JSON: a list or a text as it is */ }
  }
  if (/^list|or list/.test(type) && /[,\n]/.test(text)) return text.replace(/^\[|\]$/g, "").split(/[,\n]/).map((part) => part.trim()).filter(Boolean).map(plain);
  if (/^list/.test(type)) return [plain(text)];
  return type === "any" ? plain(text) : text;
}

/** @param {string} text */
function plain(text) {
  if (/^(true|false)$/.test(text)) return text === "true";
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** @param {any} value @returns {string} a list without its brackets, "none" where it is empty */
function inWords(value) {
  return Array.isArray(value) ? value.map(configValue).join(", ") || "none" : configValue(value) || "empty";
}

/** @param {any} value */
function written(value) {
  if (Array.isArray(value) && value.every((one) => typeof one !== "object" && !String(one).includes(","))) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
