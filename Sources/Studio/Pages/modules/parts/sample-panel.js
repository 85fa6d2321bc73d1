// @ts-check
// A sample made with adapters, on the model that a job names.

import { fileAddress, get, post } from "../api.js";
import { button, fill, h } from "../dom.js";
import { syncedPlayer } from "./player.js";
import { runTask } from "./progress.js";
import { toastFault } from "./toast.js";

/** @param {string} path - of an adapter @param {{id: string, folder?: string | null}[]} jobs @returns {string | null} the job in whose folder it lies */
export function jobOf(path, jobs) {
  return jobs.find((job) => job.folder && path.startsWith(`${job.folder}/`))?.id ?? null;
}

/** The form, and what it made. */
export class SamplePanel {
  /** @param {{path: string, strength: number}[]} loras @param {{id: string, name: string}[]} jobs - their model settings are used @param {AbortSignal} signal @param {string | null} [chosen] - the job that is offered first */
  constructor(loras, jobs, signal, chosen = null) {
    this.loras = loras;
    this.signal = signal;
    this.job = h("select", { id: "sample-job" }, jobs.map((job) => h("option", { value: job.id, selected: job.id === chosen }, job.name)));
    this.prompt = h("textarea", { id: "sample-prompt", rows: 2, placeholder: "ohwx smiles and says: \"Good to see you.\"" });
    this.compare = h("input", { type: "checkbox", checked: true });
    this.numbers = Object.fromEntries([["width", 512], ["height", 320], ["frames", 81], ["steps", 30], ["seed", 0]].map(([name, value]) =>
      [name, h("input", { type: "number", id: `sample-${name}`, min: 0, value: String(value), class: "short" })]));
    this.outcome = h("div.stack", { "aria-live": "polite" });
    this.element = h("div.stack", null, h("h3", null, "Sample from it"), h("label", { for: "sample-prompt" }, "Prompt"), this.prompt,
      h("div.row", null, h("label.inline", { for: "sample-job" }, "Model of", this.job),
        Object.entries(this.numbers).map(([name, input]) => h("label.inline", { for: `sample-${name}` }, name, input)),
        h("label.inline", null, this.compare, "Base model beside it")),
      h("div.row", null, button("Make the sample", () => this.run(), { disabled: !jobs.length }), jobs.length ? null : h("span.faint", null, "A job must name the model first.")), this.outcome);
    this.job.addEventListener("change", () => this.learn().catch(toastFault));
    this.learn().catch(toastFault);
  }

  /** Takes sizes and a prompt from the job's own previews. */
  async learn() {
    if (!this.job.value) return;
    const { yaml } = await get(`/api/jobs/${this.job.value}`, {}, this.signal);
    const { values } = await post("/api/run-files/check", { yaml });
    const keys = { width: "width", height: "height", frames: "num_frames", steps: "sample_steps", seed: "seed" };
    for (const [name, key] of Object.entries(keys)) {
      const value = values?.[`sample.${key}`];
      if (value !== undefined) this.numbers[name].value = String(value);
    }
    const prompt = values?.["sample.prompts"]?.[0];
    if (typeof prompt === "string") this.prompt.value ||= prompt;
  }

  /** @returns {string} a new file beside the adapter */
  place() {
    const time = new Date().toISOString().slice(0, 19).replace(/\D/g, "");
    return this.loras[0].path.replace(/\.safetensors$/, `-sample-${time}.mp4`);
  }

  async run() {
    const numbers = Object.fromEntries(Object.entries(this.numbers).map(([name, input]) => [name, Number(input.value)]));
    const task = await runTask(this.outcome, "sample", {
      job: this.job.value, loras: this.loras, prompt: this.prompt.value, compare: this.compare.checked, ...numbers, output: this.place(),
    }, this.signal);
    if (!task) return;
    /** @type {string[]} */
    const files = task.result.files;
    const made = files.find((path) => !/\.(base|compare)\.\w+$/.test(path));
    const base = files.find((path) => /\.base\.\w+$/.test(path));
    const clips = [made && { label: "With the LoRA", path: made }, base && { label: "Base model", path: base }].filter((clip) => clip !== undefined);
    fill(this.outcome, syncedPlayer(/** @type {{label: string, path: string}[]} */ (clips)),
      made ? h("div.row", null, h("a.button.small", { href: fileAddress(made, true), download: "" }, "Download")) : null);
  }
}
