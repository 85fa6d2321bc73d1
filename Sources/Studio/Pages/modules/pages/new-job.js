// @ts-check
// A new job, or another look at one: form and text side by side, checked and planned before it starts.

import { get, post, put } from "../api.js";
import { button, debounced, fill, h, head } from "../dom.js";
import { plural } from "../format.js";
import { Draft } from "../drafts.js";
import { openDialog } from "../parts/dialog.js";
import { planView } from "../parts/job-tabs.js";
import { runTask } from "../parts/progress.js";
import { reviewView } from "../parts/review.js";
import { RunForm } from "../parts/run-form.js";
import { attempt, toast, toastFault } from "../parts/toast.js";
import { YAMLEditor } from "../parts/yaml-editor.js";
import { go } from "../router.js";
import { RunFileModel } from "../run-file.js";
import { shortcut } from "../shortcuts.js";

/** The page. */
class JobEditor {
  /** @param {HTMLElement} root @param {any} schema @param {any} job - null for a new one @param {string} yaml @param {AbortSignal} signal */
  constructor(root, schema, job, yaml, signal) {
    this.job = job;
    this.signal = signal;
    this.model = new RunFileModel(yaml);
    this.form = new RunForm(schema, this.model);
    this.editor = new YAMLEditor("Run file (YAML)");
    this.verdict = h("span", { role: "status" });
    this.lost = h("p.fault.soft", { role: "status", hidden: true });
    this.marks = h("p.fault.soft", { role: "status", hidden: true });
    this.outcome = h("div.stack", { "aria-live": "polite" });
    root.append(this.header(), this.outcome, h("div.columns.editor", null, this.form.element, h("section.card.text", { "aria-label": "Run file" },
      h("header", null, h("h2", null, "Run file"), this.verdict), this.lost, this.marks, this.editor.element)));
    const readSoon = debounced(() => this.model.write(this.editor.text).catch(toastFault), 300);
    this.editor.area.addEventListener("input", () => { this.model.type(this.editor.text); this.draft.keep(this.editor.text); readSoon(); });
    this.model.addEventListener("change", () => this.follow());
    this.draft = new Draft(job?.id ?? null, yaml);
    shortcut("c", "Check the clips and the run", () => this.check(), signal);
    shortcut("p", "Plan memory and time", () => this.plan(), signal);
  }

  header() {
    return head(this.job ? `Edit ${this.job.name}` : "New job",
      button("Import", () => this.importText()), button("Check", () => this.check()), button("Plan", () => this.plan()),
      button("Save", () => this.save(false)), button("Save and start", () => this.save(true), { kind: "primary" }));
  }

  /** Takes what was written before and not saved. */
  restore() {
    const text = this.draft.read();
    if (text === null) return;
    this.model.yaml = text;
    const back = button("Drop them", () => this.model.write(this.draft.original), { kind: "small" });
    toast(h("span", null, "Changes that were not saved are here again. ", back), "note", 10);
  }

  follow() {
    this.draft.keep(this.model.yaml);
    this.editor.text = this.model.yaml;
    this.editor.showFaults(this.model.diagnostics);
    const errors = this.model.diagnostics.filter((one) => one.severity === "error").length;
    const others = this.model.diagnostics.length - errors;
    this.verdict.className = errors ? "bad" : others ? "warn" : "good";
    this.verdict.textContent = (errors ? `${errors} fault${errors > 1 ? "s" : ""}` : "no faults") + (others ? `, ${others} remark${others > 1 ? "s" : ""}` : "");
    const { marked } = this.model;
    this.marks.hidden = !this.model.ignoresMarks;
    fill(this.marks, `${plural(marked.length, "clip")} marked as held out: the file does not say so yet. `,
      button("Hold them out", () => attempt(() => this.model.takeMarks()), { kind: "small" }));
    const lost = this.model.lostComments;
    this.lost.hidden = !lost.length;
    fill(this.lost, "The last change could not keep these remarks: ", lost.map((one) => [h("code", null, one), " "]));
  }

  /** @param {string} folder - in the place of the file's own; its marks are taken over */
  async learnFrom(folder) {
    await this.model.change("datasets[0].folder_path", folder);
    if (this.model.ignoresMarks) await this.model.takeMarks();
  }

  /** Takes a file as it is: one of ai-toolkit's too. */
  importText() {
    const area = h("textarea.import", { rows: 16, "aria-label": "Run file", spellcheck: "false", placeholder: "Paste a run file, ai-toolkit's YAML as it is, or choose a file." });
    const file = h("input", { type: "file", accept: ".yaml,.yml,.json", "aria-label": "Choose a file" });
    file.addEventListener("change", async () => { area.value = await file.files?.[0]?.text() ?? area.value; });
    const dialog = openDialog("Import a run file", h("div.stack", null, area, file), [
      button("Cancel", () => dialog.close()),
      button("Import", async () => {
        if (!area.value.trim()) return;
        this.editor.text = area.value;
        dialog.close();
        await attempt(() => this.model.write(area.value));
      }, { kind: "primary" }),
    ], { isWide: true });
    area.focus();
  }

  /** Waits until the server has read the last letter. */
  async settle() {
    await this.model.queue.catch(() => {});
    await this.model.write(this.editor.text);
  }

  async check() {
    await this.settle();
    const task = await runTask(this.outcome, "check", { yaml: this.model.yaml }, this.signal);
    if (task) fill(this.outcome, this.closable("Check", reviewView(task.result)));
  }

  async plan() {
    await this.settle();
    const task = await runTask(this.outcome, "plan", { yaml: this.model.yaml }, this.signal);
    if (task) fill(this.outcome, this.closable("Plan", planView(task.result)));
  }

  /** @param {string} title @param {any} content */
  closable(title, content) {
    return h("section.card", { "aria-label": title }, h("header", null, h("h2", null, title),
      button("✕", () => this.outcome.replaceChildren(), { kind: "quiet small", "aria-label": "Close" })), content);
  }

  /** @param {boolean} starts */
  async save(starts) {
    await attempt(() => this.settle());
    const body = { yaml: this.model.yaml, device: null };
    const job = await attempt(() => (this.job ? put(`/api/jobs/${this.job.id}`, body) : post("/api/jobs", body)));
    if (!job) return;
    this.draft.forget();
    this.job = job;
    if (starts && !(await attempt(() => post(`/api/jobs/${job.id}/${job.canResume ? "resume" : "start"}`)))) return;
    go(`#/job/${job.id}`);
  }
}

export default {
  title: "New job",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  async show(root, { parts: [id], query, signal }) {
    const [schema, job] = await Promise.all([get("/api/schema", {}, signal), id ? get(`/api/jobs/${encodeURIComponent(id)}`, {}, signal) : null]);
    const editor = new JobEditor(root, schema, job, job?.yaml ?? schema.template, signal);
    if (!query.has("folder")) editor.restore();
    editor.editor.text = editor.model.yaml;
    await editor.model.write(editor.model.yaml);
    if (query.has("folder")) await editor.learnFrom(query.get("folder") ?? "");
    if (query.has("import")) editor.importText();
  },
};
