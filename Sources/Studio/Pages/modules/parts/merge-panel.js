// @ts-check
// A merge: strengths by pathway, the way it is done, how it goes, what it measured, and a sample of the result.

import { fileAddress, get } from "../api.js";
import { button, card, fill, h } from "../dom.js";
import { baseName } from "../format.js";
import { confirmed } from "./dialog.js";
import { interference } from "./inspection.js";
import { runTask } from "./progress.js";
import { jobOf, SamplePanel } from "./sample-panel.js";

const pathways = { video: "picture", audio: "sound", audio_to_video: "sound → picture", video_to_audio: "picture → sound", other: "other" };
const modes = {
  sum: "the exact sum", isolate: "each answers less to what others read", protect: "the first goes first, the others give way",
  damp: "what one says far louder is made quieter", calibrated: "isolated by what layers really read", pick: "one file alone",
};
const hasStrength = ["isolate", "protect", "damp"];

/** The panel. */
export class MergePanel {
  /** @param {{path: string, name: string}[]} files @param {AbortSignal} signal @param {() => Promise<any>} onDone */
  constructor(files, signal, onDone) {
    this.files = files;
    this.signal = signal;
    this.onDone = onDone;
    /** @type {Record<string, number>[]} */
    this.strengths = files.map(() => Object.fromEntries(Object.keys(pathways).map((name) => [name, 1])));
    const folder = files[0].path.slice(0, files[0].path.lastIndexOf("/"));
    const name = files.map((file) => file.name.replace(/\.safetensors$/, "")).join("+");
    this.output = h("input", { type: "text", id: "merge-output", value: `${folder}/${name}.safetensors` });
    this.strength = slider("merge-strength", 0, 1, 1, () => {});
    this.mode = this.modeSelect("merge-mode");
    this.how = [h("label", { for: "merge-strength" }, "How far"), this.strength];
    this.mode.addEventListener("change", () => this.follow());
    this.ways = Object.keys(pathways).filter((one) => one !== "other").map((one) => /** @type {[string, any]} */ ([one, this.modeSelect(`way-${one}`, true)]));
    this.outcome = h("div.stack", { "aria-live": "polite" });
    this.element = card("Merge", button("Merge", () => this.run(), { kind: "primary" }), h("div.stack", null,
      h("div.columns", null, files.map((file, index) => this.fileCard(file, index))), this.way(), h("label", { for: "merge-output" }, "Written to"), this.output, this.outcome));
    this.follow();
  }

  /** @param {{name: string}} file @param {number} index */
  fileCard(file, index) {
    const sliders = Object.entries(pathways).map(([name, text]) => {
      const id = `strength-${index}-${name}`;
      return [h("label", { for: id }, text), slider(id, -0.5, 2, 1, (value) => { this.strengths[index][name] = value; })];
    });
    return h("fieldset", null, h("legend", null, `${index + 1}. ${file.name}`), h("div.sliders", null, sliders));
  }

  /** @param {string} id @param {boolean} [isOptional] */
  modeSelect(id, isOptional = false) {
    const picks = this.files.map((file, index) => h("option", { value: `pick:${index + 1}` }, `${file.name} alone`));
    const protects = this.files.map((file, index) => h("option", { value: `protect:${index + 1}` }, `${file.name} goes first`));
    return h("select", { id }, isOptional ? h("option", { value: "" }, "as the whole") : null,
      h("option", { value: "sum" }, `sum: ${modes.sum}`), h("option", { value: "isolate" }, `isolate: ${modes.isolate}`), protects,
      h("option", { value: "damp" }, `damp: ${modes.damp}`), isOptional ? null : h("option", { value: "calibrated" }, `calibrated: ${modes.calibrated}`), picks);
  }

  way() {
    return h("div.stack", null,
      h("div.sliders", null, h("label", { for: "merge-mode" }, "Way"), this.mode, this.how),
      h("details", null, h("summary", null, "Another way for a part of the model"), h("div.sliders", null,
        this.ways.map(([name, select]) => [h("label", { for: select.id }, pathways[/** @type {keyof typeof pathways} */ (name)]), select]))));
  }

  /** How far it goes counts for some ways only. */
  follow() {
    const counts = hasStrength.some((one) => this.mode.value.startsWith(one));
    for (const element of this.how) element.hidden = !counts;
  }

  async run() {
    const { loras } = await get("/api/loras", {}, this.signal);
    const isThere = loras.some((/** @type {{path: string}} */ one) => one.path === this.output.value);
    if (isThere && !(await confirmed("Merge", `${baseName(this.output.value)} is there already. Merging writes over it.`, "Write over it"))) return;
    const mode = this.mode.value;
    const ways = Object.fromEntries(this.ways.map(([name, select]) => [name, select.value]).filter(([, value]) => value));
    const task = await runTask(this.outcome, "merge", {
      files: this.files.map((file, index) => ({ path: file.path, strengths: this.strengths[index] })),
      mode, pathways: ways, strength: hasStrength.some((one) => mode.startsWith(one)) ? Number(this.strength.querySelector("input")?.value) : null, output: this.output.value,
    }, this.signal);
    if (task) await this.showResult(task.result);
  }

  /** @param {any} report */
  async showResult(report) {
    const output = report.output ?? this.output.value;
    const { jobs } = await get("/api/jobs", {}, this.signal);
    fill(this.outcome, h("div.row", null, h("b", null, `${baseName(output)} is written.`),
      h("a.button.small", { href: fileAddress(output, true), download: "", "data-action": "download" }, "Download")),
    h("h3", null, "How much they get in each other's way"), interference(report),
    new SamplePanel([{ path: output, strength: 1 }], jobs, this.signal, jobOf(this.files[0].path, jobs)).element);
    await this.onDone();
  }
}

/** @param {string} id @param {number} low @param {number} high @param {number} value @param {(value: number) => void} onInput */
function slider(id, low, high, value, onInput) {
  const shown = h("output.number", { for: id }, value.toFixed(2));
  const input = h("input", { type: "range", id, min: low, max: high, step: 0.05, value: String(value) });
  input.value = String(value);
  input.addEventListener("input", () => { shown.textContent = Number(input.value).toFixed(2); onInput(Number(input.value)); });
  return h("div.row.slider", null, h("div.grow", null, input), shown);
}
