// @ts-check
// The sound of a file as a picture, made in the browser: time to the right, pitch upwards in mels, loudness as colour.

import { fileAddress } from "../api.js";
import { h } from "../dom.js";

const [size, hop, bands, floor] = [1024, 256, 80, -80];

/**
 * A canvas that fills itself.
 * @param {string} path - root path of a sound or video file
 * @param {string} label
 * @returns {HTMLElement}
 */
export function spectrogram(path, label) {
  const canvas = h("canvas", { width: 10, height: bands, role: "img", "aria-label": `Spectrogram: ${label}` });
  const caption = h("figcaption", null, label);
  draw(path, canvas).catch(() => { caption.textContent = `${label}: no sound that this browser can read`; });
  return h("figure.spectrogram", null, canvas, caption);
}

/** @param {string} path @param {HTMLCanvasElement} canvas */
async function draw(path, canvas) {
  const answer = await fetch(fileAddress(path));
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const context = new OfflineAudioContext(1, 1, 16000);
  const sound = await context.decodeAudioData(await answer.arrayBuffer());
  const columns = melSpectrum(sound.getChannelData(0), sound.sampleRate);
  paint(canvas, columns);
}

/** @param {HTMLCanvasElement} canvas @param {Float32Array[]} columns - decibels by band */
function paint(canvas, columns) {
  canvas.width = Math.max(1, columns.length);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = context.createImageData(canvas.width, bands);
  const loudest = Math.max(...columns.map((column) => Math.max(...column)));
  columns.forEach((column, x) => column.forEach((level, band) => {
    const share = Math.max(0, 1 - (level - loudest) / floor);
    const place = ((bands - 1 - band) * canvas.width + x) * 4;
    image.data.set([255 * share ** 1.1, 235 * share ** 2.2, 90 + 110 * Math.sin(Math.PI * share), 255], place);
  }));
  context.putImageData(image, 0, 0);
}

/** @param {Float32Array} samples @param {number} rate @returns {Float32Array[]} */
function melSpectrum(samples, rate) {
  const filters = melFilters(rate);
  const window = Float32Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size));
  // About 1200 columns are enough for any width, so that a long file stays quick.
  const step = Math.max(hop, Math.floor((samples.length - size) / 1200));
  const columns = [];
  for (let start = 0; start + size <= samples.length; start += step) {
    const power = powerSpectrum(samples.subarray(start, start + size), window);
    columns.push(Float32Array.from(filters, ({ from, weights }) =>
      10 * Math.log10(1e-10 + weights.reduce((sum, weight, index) => sum + weight * (power[from + index] ?? 0), 0))));
  }
  return columns;
}

/** @param {number} rate @returns {{from: number, weights: number[]}[]} triangles, evenly spaced in mels */
function melFilters(rate) {
  const mel = (/** @type {number} */ hertz) => 2595 * Math.log10(1 + hertz / 700);
  const bin = (/** @type {number} */ mels) => (700 * (10 ** (mels / 2595) - 1) * size) / rate;
  const top = mel(Math.min(8000, rate / 2));
  return Array.from({ length: bands }, (_, band) => {
    const [low, middle, high] = [0, 1, 2].map((offset) => bin((top * (band + offset)) / (bands + 1)));
    const from = Math.floor(low);
    const weights = Array.from({ length: Math.ceil(high) - from + 1 }, (_, index) => {
      const place = from + index;
      return Math.max(0, Math.min((place - low) / (middle - low), (high - place) / (high - middle)));
    });
    // A triangle narrower than a bin may miss them all: it then takes the nearest.
    return weights.some((weight) => weight > 0) ? { from, weights } : { from: Math.round(middle), weights: [1] };
  });
}

/** @param {Float32Array} samples @param {Float32Array} window @returns {Float32Array} by a radix-2 Fourier transform */
function powerSpectrum(samples, window) {
  const [real, imaginary] = [new Float32Array(size), new Float32Array(size)];
  for (let n = 0, reversed = 0; n < size; n++) {
    real[reversed] = samples[n] * window[n];
    let bit = size >> 1;
    while (reversed & bit) { reversed ^= bit; bit >>= 1; }
    reversed |= bit;
  }
  for (let length = 2; length <= size; length *= 2) butterflies(real, imaginary, length);
  return real.slice(0, size / 2 + 1).map((value, n) => value * value + imaginary[n] * imaginary[n]);
}

/** @param {Float32Array} real @param {Float32Array} imaginary @param {number} length */
function butterflies(real, imaginary, length) {
  const half = length / 2;
  for (let k = 0; k < half; k++) {
    const [cosine, sine] = [Math.cos((-2 * Math.PI * k) / length), Math.sin((-2 * Math.PI * k) / length)];
    for (let low = k; low < size; low += length) {
      const high = low + half;
      const re = real[high] * cosine - imaginary[high] * sine;
      const im = real[high] * sine + imaginary[high] * cosine;
      [real[high], imaginary[high]] = [real[low] - re, imaginary[low] - im];
      [real[low], imaginary[low]] = [real[low] + re, imaginary[low] + im];
    }
  }
}
