// @ts-check
// A clip made shorter, or many of one.

import { encoded, fileAddress, post, remove } from "../api.js";
import { button, fill, h } from "../dom.js";
import { baseName, plural } from "../format.js";
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
    const task = answer && await followTask(page.outcome, answer.task, page.signal);
    if (!task) return;
    await attempt(() => page.load());
    fill(page.outcome, written(task.result, clip, page));
  };
  const play = button("Play this part", () => playPart(video, Number(from.value), Number(to.value)));
  const dialog = openDialog(clip.name, h("div.stack", null, video,
    h("div.row", null, h("label", { for: "cut-from" }, "From"), from, mark(from), h("label", { for: "cut-to" }, "to"), to, mark(to), h("span.faint", null, "seconds"), play),
    h("p.faint.small", null, "Trimming and splitting make new files beside this one, each with its caption; afterwards the whole clip can be deleted.")), [
    button("Split at silence", () => run("split", { by: "silence" })),
    button("Split at scenes", () => run("split", { by: "scene" })),
    button("Trim", () => run("trim", { from: Number(from.value), to: Number(to.value) }), { kind: "primary" }),
  ], { isWide: true });
}

/**
 * What a cut made. The whole clip would be trained on beside its own pieces, so deleting it is one click away.
 * @param {any} result @param {{path: string, name: string}} clip @param {{outcome: HTMLElement, load: () => Promise<any>}} page
 */
function written(result, clip, page) {
  const pieces = (result?.pieces ?? []).map((/** @type {{file: string}} */ piece) => baseName(piece.file));
  const shown = pieces.slice(0, 6).join(", ") + (pieces.length > 6 ? " …" : "");
  const discard = async () => {
    await attempt(() => remove(`/api/datasets/${encoded(clip.path)}`));
    page.outcome.replaceChildren();
    await attempt(() => page.load());
  };
  return h("section.card.stack", { "aria-label": "What was cut" },
    h("div", null, h("b", null, `${plural(pieces.length, "clip")} written`), pieces.length ? `: ${shown}` : "."),
    result?.leftOut?.length ? h("div.faint.small", null, `Left out, as too short or without pictures: ${plural(result.leftOut.length, "part")}.`) : null,
    h("div.row", null, pieces.length ? `${clip.name} as a whole would be learned beside them.` : null,
      pieces.length ? button(`Delete ${clip.name}`, discard, { kind: "small" }) : null,
      button("Keep it", () => page.outcome.replaceChildren(), { kind: "small quiet" })));
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
