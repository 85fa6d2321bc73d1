// @ts-check
// A clip made shorter, or many of one.

import { encoded, fileAddress, post } from "../api.js";
import { button, h } from "../dom.js";
import { openDialog } from "./dialog.js";
import { followTask } from "./progress.js";
import { attempt } from "./toast.js";

/** @param {{path: string, name: string, seconds: number | null}} clip @param {{outcome: HTMLElement, signal: AbortSignal, load: () => Promise<any>}} page */
export function cutDialog(clip, page) {
  const seconds = clip.seconds ?? 0;
  const video = h("video", { src: fileAddress(clip.path), controls: true, playsinline: true, "aria-label": clip.name });
  const [from, to] = [field("from", 0), field("to", seconds)];
  const mark = (/** @type {HTMLInputElement} */ input) => button("Here", () => { input.value = video.currentTime.toFixed(2); }, { kind: "small" });
  const run = async (/** @type {string} */ action, /** @type {any} */ body) => {
    dialog.close();
    const answer = await attempt(() => post(`/api/datasets/${encoded(clip.path)}/${action}`, body));
    if (answer && await followTask(page.outcome, answer.task, page.signal)) await attempt(() => page.load());
  };
  const play = button("Play this part", () => playPart(video, Number(from.value), Number(to.value)));
  const dialog = openDialog(clip.name, h("div.stack", null, video,
    h("div.row", null, h("label", { for: "cut-from" }, "From"), from, mark(from), h("label", { for: "cut-to" }, "to"), to, mark(to), h("span.faint", null, "seconds"), play),
    h("p.faint.small", null, "Trimming makes a new file; the one before goes to the studio's bin. Splitting keeps the whole clip in the bin too.")), [
    button("Split at silence", () => run("split", { by: "silence" })),
    button("Split at scenes", () => run("split", { by: "scene" })),
    button("Trim", () => run("trim", { from: Number(from.value), to: Number(to.value) }), { kind: "primary" }),
  ], { isWide: true });
}

/** @param {string} name @param {number} value */
function field(name, value) {
  return h("input", { type: "number", id: `cut-${name}`, min: 0, step: 0.01, value: value.toFixed(2), class: "short" });
}

/** @param {HTMLVideoElement} video @param {number} from @param {number} to */
function playPart(video, from, to) {
  const stop = () => {
    if (video.currentTime < to) return;
    video.pause();
    video.removeEventListener("timeupdate", stop);
  };
  video.currentTime = from;
  video.addEventListener("timeupdate", stop);
  video.play();
}
