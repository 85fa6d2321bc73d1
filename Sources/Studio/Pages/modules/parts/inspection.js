// @ts-check
// What `lora inspect` says of adapters: facts, change by block and pathway, comparison of two.

import { card, factList, h } from "../dom.js";
import { baseName, bytes, number } from "../format.js";
import { heatMap } from "./heat-map.js";

/** @param {any} report - of `lora inspect --json` @returns {HTMLElement} */
export function inspection(report) {
  return h("div.stack", null, h("div.columns", null, (report.files ?? []).map(fileCard)), report.comparison ? comparison(report.comparison) : null);
}

/** @param {any} file */
function fileCard(file) {
  const dead = (file.layers ?? []).filter((/** @type {any} */ layer) => layer.isDead).length;
  return card(baseName(file.file), h("span.faint.number", null, bytes(file.bytes)),
    factList([
      ["Kind", tally(file.kinds)], ["Rank", tally(file.ranks)], ["Names", file.dialect], ["Elements", (file.types ?? []).join(", ")],
      ["Base model", file.version], ["Trigger word", file.trigger], ["Steps", file.steps],
      ["Layers that changed nothing", dead || null],
    ]),
    file.isNearZero ? h("p.fault.soft", null, "It changes next to nothing: it was hardly trained.") : null,
    blockMap(file.pathways ?? []));
}

/** @param {Record<string, number>} counts - of layers by name */
function tally(counts) {
  return Object.entries(counts ?? {}).map(([name, many]) => `${name} (${many} layers)`).join(", ");
}

/** @param {{pathway: string, norm: number, blocks: number[]}[]} pathways */
function blockMap(pathways) {
  const blocks = Math.max(0, ...pathways.map((one) => one.blocks.length));
  if (!blocks) return null;
  return h("div.stack.map", null, h("h3", null, "Change by pathway and block"),
    heatMap("Change by pathway and block", pathways.map((one) => one.pathway.replaceAll("_", " ")),
      ["all", ...Array.from({ length: blocks }, (_, block) => String(block))],
      pathways.map((one) => [one.norm, ...one.blocks]), { limit: Math.max(...pathways.flatMap((one) => one.blocks)), showsValues: blocks <= 12 }));
}

/** @param {any} comparison */
function comparison(comparison) {
  const overlaps = comparison.overlaps ?? [];
  return card("The two beside each other", null,
    factList([["Began with", comparison.start === "shared" ? "the same random matrices" : comparison.start], ["Layers in both", comparison.sharedLayers], ["Median cosine", number(comparison.medianCosine)]]),
    overlaps.length ? heatMap("Overlap by pathway", overlaps.map((/** @type {any} */ one) => one.pathway.replaceAll("_", " ")), ["overlap", "by chance", "correlation"],
      overlaps.map((/** @type {any} */ one) => [one.rmsCosine, one.chance, one.correlation]), { limit: 1 }) : null);
}

/**
 * What a merge measured: how much the adapters get in each other's way.
 * @param {any} report - of `lora merge --json`
 * @returns {HTMLElement}
 */
export function interference(report) {
  const pathways = report.pathways ?? [];
  const measures = [
    ["input cosine", "inputCosine"], ["output cosine", "outputCosine"], ["alignment", "alignment"],
    ["crossing before", "crossingBefore"], ["crossing after", "crossingAfter"],
  ];
  return h("div.stack", null,
    h("ul", null, (report.words ?? []).map((/** @type {string} */ words) => h("li", null, words))),
    pathways.length ? heatMap("Interference by pathway", pathways.map((/** @type {any} */ one) => `${one.pathway.replaceAll("_", " ")} (${one.mode})`),
      measures.map(([title]) => title), pathways.map((/** @type {any} */ one) => measures.map(([, key]) => one[key] ?? null)), { limit: 1 }) : null);
}
