// @ts-check
// The run file as a form, made from the schema: the usual keys by subject, or all of them behind a filter.

import { button, debounced, fill, h } from "../dom.js";
import { KeyField } from "./key-field.js";
import { toastFault } from "./toast.js";

/**
 * @typedef {import("./key-field.js").SchemaEntry} SchemaEntry
 * @typedef {import("../run-file.js").RunFileModel} RunFileModel
 */

/**
 * Which keys most runs touch, by subject. What they are is told by the schema alone.
 * @type {Record<string, string[]>}
 */
const usual = {
  Job: ["config.name", "preset", "trigger_word", "device", "training_folder"],
  Model: ["model.name_or_path", "model.arch", "model.te_name_or_path", "model.quantize", "model.qtype", "model.low_vram", "model.layer_offloading",
    "model.layer_offloading_transformer_percent", "model.layer_offloading_text_encoder_percent"],
  Network: ["network.type", "network.linear", "network.linear_alpha", "network.audio_linear", "network.pathways", "network.rank_dropout", "network.module_dropout"],
  Clips: ["datasets[].folder_path", "datasets[].resolution", "datasets[].num_frames", "datasets[].fps", "datasets[].do_audio", "datasets[].caption_dropout_rate",
    "datasets[].num_repeats", "datasets[].caption_ext", "datasets[].default_caption", "datasets[].is_reg"],
  Training: ["train.steps", "train.batch_size", "train.gradient_accumulation", "train.optimizer", "train.lr", "train.audio_lr", "train.lr_scheduler", "train.max_grad_norm",
    "train.gradient_checkpointing", "train.dtype"],
  "Noise and loss": ["train.timestep_type", "train.noise_offset", "train.min_snr_gamma", "train.loss_type", "train.caption_dropout_rate",
    "train.diff_output_preservation", "train.diff_output_preservation_multiplier", "train.diff_output_preservation_class", "train.blank_prompt_preservation"],
  Sound: ["train.independent_audio_timestep", "train.audio_timestep_type", "train.auto_balance_audio_loss", "train.audio_balance", "train.audio_loss_multiplier",
    "train.strict_audio_mode", "train.strict_audio_min_supervised_ratio", "train.strict_audio_warmup_steps"],
  "Held-out clips": ["train.held_out", "train.validation_split", "train.validation_folder", "train.held_out_every", "train.keep_best"],
  Saving: ["save.save_every", "save.max_step_saves_to_keep", "save.dtype", "save.save_format", "save.split"],
  Samples: ["sample.sample_every", "sample.prompts", "sample.neg", "sample.width", "sample.height", "sample.num_frames", "sample.fps", "sample.seed", "sample.sample_steps", "sample.guidance_scale"],
};

/** The form; it shows a model and changes it. */
export class RunForm {
  /** @param {{entries: SchemaEntry[], presets: {name: string, values: Record<string, any>}[]}} schema @param {RunFileModel} model */
  constructor(schema, model) {
    this.schema = schema;
    this.model = model;
    this.entries = new Map(schema.entries.map((entry) => [entry.path, entry]));
    /** @type {Map<string, KeyField>} */
    this.fields = new Map();
    this.search = h("input", { type: "search", placeholder: "Find a key: name or words of its documentation", "aria-label": "Find a key" });
    this.search.addEventListener("input", debounced(() => this.build(), 150));
    this.all = button("All keys", () => this.toggleAll(), { "aria-pressed": "false" });
    this.stage = h("div.stack");
    this.element = h("div.stack", null, this.presets(), h("div.row", null, h("div.grow", null, this.search), this.all), this.stage);
    model.addEventListener("change", () => this.follow());
    this.build();
  }

  presets() {
    const chooser = h("div.row.presets", { role: "group", "aria-label": "What the run is for" }, this.schema.presets.map(({ name }) =>
      button(name.replace("+", " + "), () => this.change("preset", this.model.values.preset === name ? null : name), { "data-preset": name })));
    return h("div.row", null, h("b", null, "It learns"), chooser);
  }

  toggleAll() {
    this.all.setAttribute("aria-pressed", String(this.all.getAttribute("aria-pressed") !== "true"));
    this.build();
  }

  /** @param {string} path @param {any} value */
  change(path, value) {
    this.model.change(path, value).catch(toastFault);
  }

  /** Makes the fields anew: other keys are shown, or the file has another number of datasets. */
  build() {
    this.fields.clear();
    this.datasetCount = this.model.entries("datasets");
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isAll = words.length > 0 || this.all.getAttribute("aria-pressed") === "true";
    const groups = isAll ? this.everything(words) : Object.entries(usual);
    fill(this.stage, groups.map(([title, paths]) => this.group(title, paths)));
    if (!this.fields.size) fill(this.stage, h("p.empty", null, "No key has all of these words."));
    this.follow();
  }

  /** @param {string[]} words @returns {[string, string[]][]} sections of the schema with the keys that have all the words */
  everything(words) {
    /** @type {Map<string, string[]>} */
    const sections = new Map();
    for (const entry of this.schema.entries) {
      const text = `${entry.path} ${entry.documentation}`.toLowerCase();
      if (/section/.test(entry.type) || !words.every((word) => text.includes(word))) continue;
      const section = entry.path.includes(".") ? entry.path.slice(0, entry.path.lastIndexOf(".")) : "job";
      sections.set(section, [...(sections.get(section) ?? []), entry.path]);
    }
    return [...sections];
  }

  /** @param {string} title @param {string[]} paths */
  group(title, paths) {
    const isList = paths.some((path) => path.startsWith("datasets[]"));
    const bodies = isList ? this.datasets(paths) : [this.fieldList(paths)];
    if (!bodies.some((body) => body.querySelector(".key"))) return null;
    return h("details.card.group", { open: true }, h("summary", null, h("h2", null, title)), bodies);
  }

  /** @param {string[]} paths */
  datasets(paths) {
    const many = Math.max(1, this.datasetCount ?? 1);
    const bodies = Array.from({ length: many }, (_, index) => h("div", null,
      many > 1 ? h("div.row.apart", null, h("h3", null, `Folder ${index + 1}`), button("Remove", () => this.change(`datasets[${index}]`, null), { kind: "small" })) : null,
      this.fieldList(paths.map((path) => path.replace("datasets[]", `datasets[${index}]`)))));
    return [...bodies, button("Add a folder", () => this.change(`datasets[${many}]`, { folder_path: "" }), { kind: "small" })];
  }

  /** @param {string[]} paths - with indices */
  fieldList(paths) {
    return h("div.keys", null, paths.map((path) => {
      const entry = this.entries.get(path.replace(/\[\d+\]/g, "[]"));
      if (!entry) return null;
      const place = path.replaceAll("[]", "[0]");
      const field = new KeyField(entry, place, (key, value) => this.change(key, value));
      this.fields.set(place, field);
      return field.element;
    }));
  }

  /** Shows what the model says now. */
  follow() {
    const { model } = this;
    if (model.entries("datasets") !== this.datasetCount && document.activeElement !== this.search) return this.build();
    const preset = this.schema.presets.find(({ name }) => name === model.values.preset);
    for (const [path, field] of this.fields) {
      field.show(model.values[path], preset?.values[path.replace(/\[\d+\]/g, "[]")]);
      field.showFaults(model.faults(path));
    }
    for (const one of this.element.querySelectorAll("[data-preset]")) one.setAttribute("aria-pressed", String(one.getAttribute("data-preset") === model.values.preset));
  }

  /** @param {string} path - brings its field into view, where it is shown */
  reveal(path) {
    const field = this.fields.get(path);
    field?.element.scrollIntoView({ block: "center" });
    field?.control.focus();
  }
}
