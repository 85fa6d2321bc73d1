// @ts-check
// One folder of clips: what they are, what is said in them, what they become.

import { encoded, get, session } from "../api.js";
import { button, empty, fill, h, head } from "../dom.js";
import { duration, plural } from "../format.js";
import { ClipCard } from "../parts/clip-card.js";
import { replaceDialog } from "../parts/find-replace.js";
import { runTask } from "../parts/progress.js";
import { remarkList, verdictBadge } from "../parts/review.js";
import { uploader } from "../parts/uploader.js";
import { attempt } from "../parts/toast.js";
import { shortcut } from "../shortcuts.js";
import { baseName } from "../format.js";

/** The page. */
class DatasetPage {
  /** @param {HTMLElement} root @param {string} folder @param {string} place - the folder as a run file names it @param {any[]} jobs @param {AbortSignal} signal */
  constructor(root, folder, place, jobs, signal) {
    this.folder = folder;
    this.signal = signal;
    /** @type {ClipCard[]} */
    this.cards = [];
    /** @type {any[]} */
    this.clips = [];
    /** @type {any} */
    this.review = null;
    this.outcome = h("div", { "aria-live": "polite" });
    this.summary = h("div.stack");
    this.stage = h("div.clips");
    this.trigger = h("input", { type: "text", placeholder: "trigger word", "aria-label": "Trigger word to highlight", class: "short" });
    this.trigger.addEventListener("input", () => { for (const card of this.cards) card.highlight(this.trigger.value); });
    this.filter = h("select", { "aria-label": "Which clips", on: { change: () => this.render() } },
      [["", "All clips"], ["trouble", "With remarks"], ["caption", "Without caption"], ["silent", "Without sound"], ["heldOut", "Held out"]].map(([value, text]) => h("option", { value }, text)));
    this.job = h("select", { "aria-label": "Check as this job sees them" }, h("option", { value: "" }, "with the usual settings"),
      jobs.map((job) => h("option", { value: job.id }, `as ${job.name} sees them`)));
    root.append(this.header(place), this.summary, this.outcome, uploader(folder, () => this.load(), signal),
      h("div.row", null, this.filter, this.trigger, h("div.grow"), this.job, button("Check the clips", () => this.check())), this.stage);
    shortcut("c", "Check the clips", () => this.check(), signal);
    shortcut("r", "Find and replace in captions", () => this.replace(), signal);
  }

  /** @param {string} place */
  header(place) {
    return head(baseName(this.folder), h("a.button.quiet", { href: "#/datasets" }, "All datasets"),
      button("Find and replace", () => this.replace()),
      h("a.button.primary", { href: `#/new?folder=${encodeURIComponent(place)}` }, "Train with it"));
  }

  async load() {
    const answer = await get(`/api/datasets/${encoded(this.folder)}`, {}, this.signal);
    this.clips = answer.clips;
    this.review = answer.review;
    this.trigger.value ||= answer.trigger ?? "";
    this.render();
  }

  render() {
    const reviews = new Map((this.review?.clips ?? []).map((/** @type {any} */ one) => [one.name, one]));
    const shown = this.clips.filter((clip) => isShown(clip, reviews.get(clip.name), this.filter.value));
    this.cards = shown.map((clip) => new ClipCard(clip, reviews.get(clip.name) ?? null, this));
    for (const card of this.cards) card.highlight(this.trigger.value);
    fill(this.stage, this.cards.length ? this.cards.map((card) => card.element) : empty(this.clips.length ? "No clip of this kind." : "No clips yet: drop some here."));
    fill(this.summary, this.summaryLine());
  }

  summaryLine() {
    const { clips } = this;
    const seconds = clips.reduce((sum, clip) => sum + (clip.seconds ?? 0), 0);
    const many = (/** @type {(clip: any) => boolean} */ test) => clips.filter(test).length;
    return [
      h("div.row", null, h("span", null, plural(clips.length, "clip"), `, ${duration(seconds)}, ${many((clip) => clip.channels > 0)} with sound, ${many((clip) => clip.caption)} with caption, ${many((clip) => clip.heldOut)} held out`),
        this.review ? [verdictBadge(this.review.face, "face"), verdictBadge(this.review.voice, "voice"), h("span.faint", null, `${duration(this.review.usable_speech_seconds)} of voice can be used`)] : null),
      this.review ? remarkList(this.review.remarks) : null,
    ];
  }

  async check() {
    const task = await runTask(this.outcome, "check", { folder: this.folder, job: this.job.value || null }, this.signal);
    if (!task) return;
    this.review = task.result;
    this.render();
  }

  replace() {
    replaceDialog(this.folder, () => attempt(() => this.load()));
  }
}

/** @param {any} clip @param {any} review @param {string} filter */
function isShown(clip, review, filter) {
  if (filter === "trouble") return Boolean(clip.problem) || (review?.remarks?.length ?? 0) > 0;
  if (filter === "caption") return !clip.caption;
  if (filter === "silent") return !clip.channels;
  return filter === "heldOut" ? clip.heldOut : true;
}

export default {
  title: "Dataset",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  async show(root, { parts, signal }) {
    const [{ jobs }, { roots }] = await Promise.all([get("/api/jobs", {}, signal), session()]);
    const place = [roots[Number(parts[0])]?.path, ...parts.slice(1)].join("/");
    await new DatasetPage(root, parts.join("/"), place, jobs, signal).load();
  },
};
