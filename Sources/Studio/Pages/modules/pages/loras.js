// @ts-check
// Adapter files: look at them, take them apart, merge them, hear what came of it.

import { fileAddress, get } from "../api.js";
import { button, card, empty, fill, h, head } from "../dom.js";
import { baseName, bytes, count, moment, plural } from "../format.js";
import { asked } from "../parts/dialog.js";
import { inspection } from "../parts/inspection.js";
import { MergePanel } from "../parts/merge-panel.js";
import { runTask } from "../parts/progress.js";
import { jobOf, SamplePanel } from "../parts/sample-panel.js";
import { toast } from "../parts/toast.js";

/** @typedef {{path: string, name: string, bytes: number, modifiedAt: number, job: string | null, step: number | null, kind: string, rank: number | null, base: string | null, pathways: string[]}} LoRA */

/** @typedef {{title: string, of: (one: LoRA) => any, isNumber?: boolean}} Column - `of`: empty where it is not known */

/** @type {Column[]} */
const columns = [
  { title: "Kind", of: (one) => one.kind ?? "" },
  { title: "Rank", of: (one) => one.rank ?? "", isNumber: true },
  { title: "Learned", of: (one) => one.pathways?.length ? one.pathways.map((name) => [h("span.badge", null, name.replaceAll("_", " ")), " "]) : "" },
  { title: "Model", of: (one) => one.base ?? "" },
  { title: "Step", of: (one) => (one.step === null || one.step === undefined ? "" : count(one.step)), isNumber: true },
  { title: "Size", of: (one) => bytes(one.bytes), isNumber: true },
  { title: "Changed", of: (one) => moment(one.modifiedAt) },
];

/** The page. */
class LoRAPage {
  /** @param {HTMLElement} root @param {AbortSignal} signal */
  constructor(root, signal) {
    this.signal = signal;
    /** @type {Set<string>} */
    this.chosen = new Set();
    this.filter = h("input", { type: "search", placeholder: "Filter by name", "aria-label": "Filter", on: { input: () => this.render() } });
    this.tools = h("div.row");
    this.stage = h("div");
    this.outcome = h("div.stack", { "aria-live": "polite" });
    root.append(head("LoRAs"), h("div.row", null, h("div.grow", null, this.filter), this.tools), this.stage, this.outcome);
  }

  async load() {
    const { loras } = await get("/api/loras", {}, this.signal);
    /** @type {LoRA[]} */
    this.loras = loras;
    this.render();
  }

  render() {
    const words = this.filter.value.toLowerCase();
    const shown = (this.loras ?? []).filter((one) => one.path.toLowerCase().includes(words));
    fill(this.stage, shown.length ? card(null, null, this.table(shown)) : empty("No adapter files here. A job saves them in its folder."));
    this.renderTools();
  }

  renderTools() {
    const many = this.chosen.size;
    fill(this.tools, h("span.faint", { role: "status" }, many ? `${plural(many, "file")} chosen` : "Choose files to compare or merge"),
      button(many === 2 ? "Compare" : "Inspect", () => this.inspect([...this.chosen]), { disabled: many < 1 || many > 2 }),
      button("Merge", () => this.merge(), { kind: "primary", disabled: many < 2 }));
  }

  /** @param {LoRA[]} loras */
  table(loras) {
    const facts = columns.filter(({ of }) => loras.some((one) => of(one) !== ""));
    const title = (/** @type {string} */ text) => h("th", { scope: "col" }, h("span.hidden-label", null, text));
    return h("div.scroll", null, h("table.cards", { "aria-label": "Adapter files" },
      h("thead", null, h("tr", null, title("Choose"), h("th", { scope: "col" }, "File"), facts.map((fact) => h("th", { scope: "col", class: fact.isNumber ? "number" : "" }, fact.title)), title("Actions"))),
      h("tbody", null, loras.map((one) => this.row(one, facts)))));
  }

  /** @param {LoRA} one @param {Column[]} facts - what is known of some file here */
  row(one, facts) {
    const box = h("input", { type: "checkbox", checked: this.chosen.has(one.path), "aria-label": `Choose ${one.name}` });
    box.addEventListener("change", () => { box.checked ? this.chosen.add(one.path) : this.chosen.delete(one.path); this.renderTools(); });
    return h("tr", null, h("td", null, box),
      h("td.main", null, h("b", null, one.name), h("div.faint.small", null, one.path.slice(0, -one.name.length - 1).replace(/^\d+\/?/, ""))),
      facts.map((fact) => h("td", { class: fact.isNumber ? "number" : "", "data-label": fact.title.toLowerCase() }, fact.of(one) || "–")),
      h("td.tools", null, button("Inspect", () => this.inspect([one.path]), { kind: "small", "aria-label": `Inspect ${one.name}` }),
        button("Sample", () => this.sample(one), { kind: "small", "aria-label": `Sample from ${one.name}` }),
        button("Split", () => this.split(one), { kind: "small", "aria-label": `Split ${one.name}` }),
        h("a.button.small", { href: fileAddress(one.path, true), download: "", "aria-label": `Download ${one.name}` }, "Download")));
  }

  /** @param {string[]} paths */
  async inspect([file, second]) {
    this.outcome.scrollIntoView({ block: "nearest" });
    const task = await runTask(this.outcome, "inspect", second ? { file, second } : { file }, this.signal);
    if (task) fill(this.outcome, inspection(task.result));
    this.outcome.scrollIntoView({ block: "start" });
  }

  /** @param {LoRA} one */
  async split(one) {
    const stem = await asked("Split into face, voice and the rest", "Names begin with", one.path.replace(/\.safetensors$/, ""), "Split");
    if (!stem) return;
    const task = await runTask(this.outcome, "split", { file: one.path, output: stem }, this.signal);
    if (!task) return;
    toast(`Written: ${task.result.files.map(baseName).join(", ")}`, "note", 8);
    await this.load();
  }

  /** @param {LoRA} one */
  async sample(one) {
    const { jobs } = await get("/api/jobs", {}, this.signal);
    fill(this.outcome, card(one.name, null, new SamplePanel([{ path: one.path, strength: 1 }], jobs, this.signal, one.job ?? jobOf(one.path, jobs)).element));
    this.outcome.scrollIntoView({ block: "nearest" });
  }

  merge() {
    const files = (this.loras ?? []).filter((one) => this.chosen.has(one.path));
    const panel = new MergePanel(files, this.signal, () => this.load());
    fill(this.outcome, panel.element);
    panel.element.scrollIntoView({ block: "start" });
    panel.element.querySelector("input")?.focus({ preventScroll: true });
  }
}

export default {
  title: "LoRAs",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  show: (root, { signal }) => new LoRAPage(root, signal).load(),
};
