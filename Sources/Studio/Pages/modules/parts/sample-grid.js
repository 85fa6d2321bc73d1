// @ts-check
// Samples by prompt and step; a click opens one beside the base, with the spectrogram beside the held-out voice's.

import { fileAddress } from "../api.js";
import { button, fill, h } from "../dom.js";
import { count } from "../format.js";
import { openDialog } from "./dialog.js";
import { isPicture, syncedPlayer } from "./player.js";
import { spectrogram } from "./spectrogram.js";

/** @typedef {{step: number, promptIndex: number, kind: string, path: string, prompt: string, seed: number, base?: string | null, voiceDistance?: number | null, heldOut?: string | null}} Sample */

/** The grid of a job. */
export class SampleGrid {
  constructor() {
    /** @type {Sample[]} */
    this.samples = [];
    this.element = h("div.scroll");
  }

  /** @param {{samples: Sample[]}} answer */
  show({ samples }) {
    this.samples = samples;
    this.render();
  }

  /** @param {Sample} sample - a new one */
  add(sample) {
    this.samples = [...this.samples.filter((one) => one.path !== sample.path), sample];
    this.render();
  }

  render() {
    const made = this.samples;
    if (!made.length) return fill(this.element, h("p.empty", null, "No samples yet. They come every `sample.sample_every` steps, or with “Sample now”."));
    const steps = [...new Set(made.map((sample) => sample.step))].sort((one, other) => other - one);
    fill(this.element, h("table.samples", { "aria-label": "Samples by prompt and step" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Prompt"), steps.map((step) => h("th", { scope: "col" }, stepName(step))))),
      h("tbody", null, this.prompts().map(([index, text]) => h("tr", null, h("th", { scope: "row" }, h("div.prompt", { title: text }, text)),
        steps.map((step) => h("td", null, this.cell(made.find((one) => one.step === step && one.promptIndex === index)))))))));
  }

  /** @returns {[number, string][]} the prompts by their place, as they were asked last */
  prompts() {
    const newest = new Map([...this.samples].sort((one, other) => one.step - other.step).map((sample) => [sample.promptIndex, sample.prompt]));
    return [...newest].sort(([one], [other]) => one - other);
  }

  /** @param {Sample | undefined} sample */
  cell(sample) {
    if (!sample) return null;
    const label = `Prompt ${sample.promptIndex + 1}, step ${sample.step}`;
    return h("div.sample", null,
      opener(sample.path, `Open ${label}`, () => this.open(sample)),
      h("div.row.apart.small", null,
        sample.voiceDistance === null || sample.voiceDistance === undefined ? h("span") : h("span.faint",
          { title: "How far its voice is from the held-out one; lower is nearer" }, "voice ", h("b.number", null, decibels(sample.voiceDistance))),
        isPicture(sample.path) ? null : soundButton(sample.path, label)));
  }

  /** @param {Sample} sample */
  open(sample) {
    const base = this.baseOf(sample);
    const clips = [{ label: stepName(sample.step), path: sample.path }];
    const basePath = sample.base ?? base?.path;
    if (basePath) clips.push({ label: "Base model", path: basePath });
    const row = this.samples.filter((one) => one.promptIndex === sample.promptIndex).sort((one, other) => one.step - other.step);
    const place = row.indexOf(sample);
    const move = (/** @type {number} */ by) => { dialog.close(); this.open(row[place + by]); };
    const dialog = openDialog(sample.prompt || "Sample", [
      syncedPlayer(clips), isPicture(sample.path) ? null : voices(sample, base),
    ], [
      button("‹ Earlier", () => move(-1), { disabled: place <= 0 }), button("Later ›", () => move(1), { disabled: place >= row.length - 1 }),
      h("a.button", { href: fileAddress(sample.path, true), download: "" }, "Download"),
    ], { isWide: true });
  }

  /** @param {Sample} sample - what was made of the same noise before the first step: the base model alone */
  baseOf(sample) {
    return sample.step === 0 ? undefined : this.samples.find((one) => one.step === 0 && one.promptIndex === sample.promptIndex && one.seed === sample.seed);
  }
}

/** @param {number} step */
function stepName(step) {
  return step === 0 ? "Base model" : `Step ${count(step)}`;
}

/** @param {number} distance - between two voices */
function decibels(distance) {
  return `${distance.toFixed(1)} dB`;
}

/** @param {string} path @param {string} label @param {() => void} open @returns {HTMLElement} a button; its clip plays without sound while the pointer or the focus is on it */
function opener(path, label, open) {
  const content = preview(path);
  const element = h("button.sample-open", { type: "button", "aria-label": label, on: { click: open } }, content);
  if (!(content instanceof HTMLVideoElement)) return element;
  for (const name of ["mouseenter", "focus"]) element.addEventListener(name, () => content.play().catch(() => {}));
  for (const name of ["mouseleave", "blur"]) element.addEventListener(name, () => content.pause());
  return element;
}

/** @param {string} path @returns {HTMLElement} */
function preview(path) {
  if (isPicture(path)) return h("img", { src: fileAddress(path), alt: "", loading: "lazy" });
  if (/\.(wav|m4a|mp3|flac)$/i.test(path)) return h("span.sound-only", { "aria-hidden": "true" }, "♪");
  return h("video", { src: `${fileAddress(path)}#t=0.01`, preload: "metadata", muted: true, loop: true, playsinline: true, inert: true });
}

/** @param {string} path @param {string} label */
function soundButton(path, label) {
  const sound = new Audio();
  const toggle = button("♪ Play", async () => {
    if (!sound.src) sound.src = fileAddress(path);
    await (sound.paused ? sound.play() : sound.pause());
  }, { kind: "small quiet", "aria-label": `Play the sound of ${label}` });
  sound.addEventListener("play", () => { toggle.textContent = "■ Stop"; });
  window.addEventListener("hashchange", () => sound.pause(), { once: true });
  for (const end of ["pause", "ended"]) sound.addEventListener(end, () => { toggle.textContent = "♪ Play"; });
  return toggle;
}

/** @param {Sample} sample @param {Sample | undefined} base */
function voices(sample, base) {
  const distance = sample.voiceDistance === null || sample.voiceDistance === undefined ? null
    : h("p", null, "Distance of its voice to the held-out one: ", h("b", null, decibels(sample.voiceDistance)),
      base?.voiceDistance ? h("span.faint", null, ` (base model ${decibels(base.voiceDistance)}; lower is nearer)`) : h("span.faint", null, " (lower is nearer)"));
  return h("div.stack", null, distance, h("div.columns", null,
    spectrogram(sample.path, `Step ${sample.step}`), sample.heldOut ? spectrogram(sample.heldOut, "Held-out voice") : null));
}
