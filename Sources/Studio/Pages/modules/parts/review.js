// @ts-check
// What `check` says: of the run, and of each clip.

import { h } from "../dom.js";
import { duration, number, percent } from "../format.js";
import { memoryBar } from "./memory-bar.js";

/** @param {"yes" | "doubtful" | "no"} verdict @param {string} what */
export function verdictBadge(verdict, what) {
  if (/** @type {string} */ (verdict) === "not_asked") return null;
  const marks = { yes: "✓", doubtful: "?", no: "✕" };
  return h("span.badge", { class: verdict, title: `${what}: ${verdict}` }, `${what} ${marks[verdict] ?? verdict}`);
}

/** @param {any[]} remarks */
export function remarkList(remarks) {
  return remarks?.length ? h("ul.remarks", null, remarks.map((one) => h("li", { class: one.effect }, typeof one === "string" ? one : one.text))) : null;
}

/** @param {any} review - of `check --json` @returns {HTMLElement} */
export function reviewView(review) {
  const figure = (/** @type {string} */ name, /** @type {any} */ value) => h("div.figure", null, h("b", null, value), h("span", null, name));
  return h("div.stack", null,
    h("div.row", null, verdictBadge(review.face, "learns the face"), verdictBadge(review.voice, "learns the voice"), h("span.faint", null, review.model)),
    h("div.figures", null,
      figure("voice that can be used", duration(review.usable_speech_seconds)),
      figure("clips, of them with sound", `${review.clip_count}, ${review.clips_with_sound}`),
      figure("captions with what is said", percent(review.transcript_share)),
      figure("clips held out", String(review.held_out_count ?? 0)),
      review.time ? figure(`${number(review.time.seconds_per_step, 3)} s/step`, duration(review.time.seconds)) : null),
    review.memory_bytes ? memoryBar(`Memory of ${review.device}`, [{ name: "the run", bytes: review.memory_bytes }], review.device_bytes ?? null) : null,
    remarkList(review.remarks),
    review.refused?.length ? h("details", { open: true }, h("summary", null, `${review.refused.length} clips cannot be used`), remarkList(review.refused.map(words))) : null,
    clipTable(review.clips ?? []));
}

/** @param {any} refused */
function words(refused) {
  return { effect: "no", text: typeof refused === "string" ? refused : `${refused.name ?? ""}: ${refused.reason ?? refused.text ?? ""}` };
}

/** @param {any[]} clips */
function clipTable(clips) {
  return h("details", null, h("summary", null, `Clip by clip (${clips.length})`), h("div.scroll", null, h("table", null,
    h("thead", null, h("tr", null, ["Clip", "Verdict", "Voice", "Becomes", "Remarks"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", null, clips.map((clip) => h("tr", null,
      h("td", null, clip.name), h("td", null, h("div.row", null, verdictBadge(clip.face, "face"), verdictBadge(clip.voice, "voice"))),
      h("td.number", null, duration(clip.usable_speech)), h("td", null, becomes(clip)), h("td", null, remarkList(clip.remarks))))))));
}

/** @param {any} clip - of a review @returns {string} its windows in words: "2 × 256x256x33 → 4×5×8×8, sound 34" */
export function becomes(clip) {
  const windows = clip.windows ?? [];
  if (!windows.length) return "nothing";
  const first = windows[0];
  const latents = [first.video_latents ? `latents ${first.video_latents.join("×")}` : null, first.audio_latents ? `sound ${first.audio_latents}` : null].filter(Boolean).join(", ");
  return `${windows.length} × ${first.bucket}${latents ? ` → ${latents}` : ""}`;
}
