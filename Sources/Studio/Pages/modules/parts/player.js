// @ts-check
// Two clips that run together: what the adapter made and what the base made of the same noise. One of them is heard.

import { fileAddress } from "../api.js";
import { button, h } from "../dom.js";

/** How far apart the two may be, in seconds, before the follower is set anew: about one frame. */
const tolerance = 0.045;

/**
 * @param {{label: string, path: string}[]} clips - one or more
 * @returns {HTMLElement}
 */
export function syncedPlayer(clips) {
  if (clips.every(({ path }) => isPicture(path))) return pictures(clips);
  const media = clips.map(({ path }, index) => mediaElement(path, index === 0));
  const lead = media[0];
  lead.muted = false;
  link(lead, media.slice(1));
  const play = button("Play", () => (lead.paused ? lead.play() : lead.pause()), { kind: "primary" });
  lead.addEventListener("play", () => { play.textContent = "Pause"; });
  lead.addEventListener("pause", () => { play.textContent = "Play"; });
  const ears = clips.map(({ label }, index) => button(`Hear ${label}`, () => hear(index), { "aria-pressed": String(index === 0) }));
  const hear = (/** @type {number} */ chosen) => {
    media.forEach((element, index) => { element.muted = index !== chosen; });
    ears.forEach((ear, index) => ear.setAttribute("aria-pressed", String(index === chosen)));
  };
  return h("div.player", null,
    h("div.player-clips", null, clips.map(({ label }, index) => h("figure", null, media[index], h("figcaption", null, label)))),
    h("div.row", null, play, clips.length > 1 ? ears : null, timeSlider(lead)));
}

/** @param {string} path @returns {boolean} */
export function isPicture(path) {
  return /\.(png|jpe?g|webp)$/i.test(path);
}

/** @param {{label: string, path: string}[]} clips */
function pictures(clips) {
  return h("div.player", null, h("div.player-clips", null, clips.map(({ label, path }) =>
    h("figure", null, h("img", { src: fileAddress(path), alt: label }), h("figcaption", null, label)))));
}

/** @param {string} path @param {boolean} isLead @returns {any} */
function mediaElement(path, isLead) {
  const isSound = /\.(wav|m4a|mp3|flac|ogg)$/i.test(path);
  return h(isSound ? "audio" : "video", {
    src: fileAddress(path), preload: "auto", loop: true, muted: !isLead, playsinline: true, "aria-label": isLead ? "First clip" : "Second clip",
  });
}

/** @param {HTMLMediaElement} lead @param {HTMLMediaElement[]} followers */
function link(lead, followers) {
  const align = () => {
    for (const follower of followers) {
      if (Math.abs(follower.currentTime - lead.currentTime) > tolerance) follower.currentTime = lead.currentTime;
    }
  };
  lead.addEventListener("play", () => { align(); for (const follower of followers) follower.play().catch(() => align()); });
  lead.addEventListener("pause", () => { for (const follower of followers) follower.pause(); align(); });
  for (const name of ["seeking", "timeupdate", "ratechange"]) lead.addEventListener(name, align);
}

/** @param {HTMLMediaElement} media */
function timeSlider(media) {
  const slider = h("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": "Time" });
  slider.addEventListener("input", () => { if (media.duration) media.currentTime = (Number(slider.value) / 1000) * media.duration; });
  media.addEventListener("timeupdate", () => { if (media.duration) slider.value = String((media.currentTime / media.duration) * 1000); });
  return h("div.grow", null, slider);
}
