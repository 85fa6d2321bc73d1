// @ts-check
// A clip: picture that plays, waveform, verdict, caption, and what can be done with it.

import { encoded, fileAddress, post, put, remove } from "../api.js";
import { button, debounced, fill, h } from "../dom.js";
import { bytes, duration } from "../format.js";
import { cutDialog } from "./cut-dialog.js";
import { confirmed } from "./dialog.js";
import { becomes, remarkList, verdictBadge } from "./review.js";
import { attempt } from "./toast.js";

/**
 * @typedef {{path: string, name: string, kind: string, seconds: number | null, width: number | null, height: number | null,
 *   fps: number | null, channels: number, bytes: number, caption: string | null, heldOut: boolean, problem: string | null}} Clip
 */

/** Whether clips are heard while they play. */
let isHeard = false;

/** The card; `page` has `outcome`, `signal` and `load()`. */
export class ClipCard {
  /** @param {Clip} clip @param {any} review - null before a check @param {{outcome: HTMLElement, signal: AbortSignal, load: () => Promise<any>}} page */
  constructor(clip, review, page) {
    this.clip = clip;
    this.page = page;
    this.layer = h("div.caption-layer", { "aria-hidden": "true" });
    this.area = h("textarea", { rows: 4, "aria-label": `Caption of ${clip.name}`, placeholder: "What is seen, and what is said in quotation marks", value: clip.caption ?? "" });
    this.saved = h("span.faint.small", { role: "status" });
    this.held = button("Held out", () => this.toggleHeld(), { kind: "small", "aria-pressed": String(clip.heldOut), title: "It is only measured, never learned" });
    this.element = h("article.card.clip", { "aria-label": clip.name }, this.media(), h("div.stack", null,
      h("div.row.apart", null, h("h3", null, clip.name), h("div.row", null, review ? [verdictBadge(review.face, "face"), verdictBadge(review.voice, "voice")] : null)),
      h("div.faint.small", null, this.facts(review)),
      clip.problem ? h("p.fault", null, clip.problem) : null, remarkList(review?.remarks),
      h("div.caption", null, this.layer, this.area), h("div.row", null, this.tools(), this.saved)));
    const saveSoon = debounced(() => this.save(), 700);
    this.area.addEventListener("input", () => { this.saved.textContent = "…"; this.highlight(this.word); saveSoon(); });
    this.area.addEventListener("scroll", () => { this.layer.scrollTop = this.area.scrollTop; });
    this.word = "";
  }

  /** @param {any} review */
  facts(review) {
    const { clip } = this;
    const size = clip.width ? `${clip.width}×${clip.height}${clip.fps ? ` at ${Number(clip.fps.toFixed(2))} fps` : ""}` : null;
    const sound = clip.channels ? { 1: "mono", 2: "stereo" }[clip.channels] ?? `${clip.channels} channels` : clip.kind === "image" ? null : "no sound";
    return [clip.seconds ? duration(clip.seconds) : null, size, sound, bytes(clip.bytes), review ? `becomes ${becomes(review)}` : null].filter(Boolean).join(" · ");
  }

  media() {
    const { clip } = this;
    const address = `/api/datasets/${encoded(clip.path)}`;
    if (clip.kind === "image") return h("div.clip-media", null, h("img", { src: `${address}/thumbnail`, alt: "", loading: "lazy" }));
    const video = h("video", {
      src: fileAddress(clip.path), poster: clip.kind === "video" ? `${address}/thumbnail` : null, preload: "none", muted: !isHeard, loop: true, playsinline: true, tabindex: 0, "aria-label": `${clip.name}; Space plays it`,
    });
    const stop = () => { video.pause(); };
    for (const [start, end] of [["mouseenter", "mouseleave"]]) {
      video.addEventListener(start, () => video.play().catch(() => {}));
      video.addEventListener(end, stop);
    }
    video.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      video.paused ? video.play() : stop();
    });
    return h("div.clip-media", null, video, clip.channels ? [soundToggle(video), h("img.waveform", { src: `${address}/waveform`, alt: "Waveform", loading: "lazy" })] : null);
  }

  tools() {
    const { clip } = this;
    const isCuttable = clip.kind !== "image" && !clip.problem;
    return [
      this.held,
      isCuttable ? button("Trim or split", () => cutDialog(clip, this.page), { kind: "small" }) : null,
      button("Delete", () => this.discard(), { kind: "small danger", "aria-label": `Delete ${clip.name}` }),
    ];
  }

  /** @param {string} word - the trigger; shown behind the text */
  highlight(word) {
    this.word = word;
    const text = this.area.value;
    if (!word) return fill(this.layer, text);
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\p{L}\\p{N}_])`, "giu");
    const parts = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      parts.push(text.slice(end, match.index), h("mark", null, match[0]));
      end = match.index + match[0].length;
    }
    fill(this.layer, parts, text.slice(end), "\n");
    this.element.classList.toggle("lacks-trigger", text.trim() !== "" && !parts.length);
  }

  async save() {
    const changed = await attempt(() => put(`/api/datasets/${encoded(this.clip.path)}/caption`, { text: this.area.value }));
    this.saved.textContent = changed ? "Saved" : "Not saved";
    if (changed) this.clip.caption = this.area.value;
  }

  async toggleHeld() {
    const changed = await attempt(() => post(`/api/datasets/${encoded(this.clip.path)}/held-out`, { heldOut: !this.clip.heldOut }));
    if (!changed) return;
    this.clip.heldOut = changed.heldOut;
    this.held.setAttribute("aria-pressed", String(changed.heldOut));
  }

  async discard() {
    if (!(await confirmed("Delete the clip", `${this.clip.name} and its caption go to the folder “.bin” beside it, from where they can be taken back.`, "Delete"))) return;
    await attempt(() => remove(`/api/datasets/${encoded(this.clip.path)}`));
    await attempt(() => this.page.load());
  }
}

/** @param {HTMLVideoElement} video @returns {HTMLButtonElement} turns the sound on for all clips of the page: one that plays under the pointer is then heard */
function soundToggle(video) {
  return button("♪ Sound", () => {
    isHeard = !isHeard;
    for (const clip of document.querySelectorAll(".clip-media")) {
      /** @type {HTMLVideoElement} */ (clip.querySelector("video") ?? video).muted = !isHeard;
      clip.querySelector(".sound-toggle")?.setAttribute("aria-pressed", String(isHeard));
    }
    if (isHeard) video.play().catch(() => {});
  }, { kind: "small sound-toggle", "aria-pressed": String(isHeard) });
}
