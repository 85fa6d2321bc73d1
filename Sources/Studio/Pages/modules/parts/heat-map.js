// @ts-check
// Values of a table as colours, with the values readable.

import { h } from "../dom.js";
import { number } from "../format.js";

/**
 * @param {string} title
 * @param {string[]} rows
 * @param {string[]} columns
 * @param {(number | null)[][]} values - by row and column
 * @param {{limit?: number, showsValues?: boolean}} [options] - `limit`: what is darkest; otherwise the largest value
 * @returns {HTMLElement}
 */
export function heatMap(title, rows, columns, values, options = {}) {
  const limit = options.limit ?? Math.max(...values.flat().map((value) => value ?? 0), 1e-12);
  const showsValues = options.showsValues ?? true;
  const cell = (/** @type {number | null} */ value, /** @type {number} */ row, /** @type {number} */ column) => h("td", {
    class: value === null || value === undefined ? "nothing" : `heat-${Math.round(Math.min(1, Math.abs(value) / limit) * 10)}`,
    title: `${rows[row]}, ${columns[column]}: ${number(value)}`,
  }, showsValues ? number(value, 2) : h("span.hidden-label", null, number(value, 2)));
  return h("div.scroll", null, h("table.heat-map", { "aria-label": title },
    h("thead", null, h("tr", null, h("td"), columns.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", null, rows.map((name, row) => h("tr", null, h("th", { scope: "row" }, name),
      columns.map((_, column) => cell(values[row]?.[column] ?? null, row, column)))))));
}
