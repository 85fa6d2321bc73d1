// @ts-check
// Memory that a run needs, part by part, against what the device has.

import { h, svg } from "../dom.js";
import { bytes, percent } from "../format.js";

/** @typedef {{name: string, bytes: number}} Part */

/**
 * @param {string} title - "Memory of cuda:0"
 * @param {Part[]} parts
 * @param {number | null} size - what there is
 * @returns {HTMLElement}
 */
export function memoryBar(title, parts, size) {
  const needed = parts.reduce((sum, part) => sum + part.bytes, 0);
  const whole = Math.max(needed, size ?? needed) || 1;
  const isTooMuch = size !== null && needed > size;
  const words = `${bytes(needed)}${size ? ` of ${bytes(size)} (${percent(needed / size)})` : ""}`;
  const drawing = svg("svg", { class: "memory-bar", viewBox: "0 0 1000 24", preserveAspectRatio: "none", role: "img", "aria-label": `${title}: ${words}` });
  let left = 0;
  parts.forEach((part, index) => {
    const width = (part.bytes / whole) * 1000;
    drawing.append(svg("rect", { x: left, y: 0, width: Math.max(width, part.bytes ? 1.5 : 0), height: 24, class: `part-${index % 6}` },
      svg("title", {}, `${part.name}: ${bytes(part.bytes)}`)));
    left += width;
  });
  if (isTooMuch && size) drawing.append(svg("rect", { x: (size / whole) * 1000 - 2, y: 0, width: 4, height: 24, class: "limit" }));
  return h("div.memory", null,
    h("div.row.apart", null, h("h3", null, title), h("span.number", { class: isTooMuch ? "bad" : "" }, words)),
    drawing,
    h("ul.legend", null, parts.map((part, index) =>
      h("li", null, h("i", { class: `part-${index % 6}`, "aria-hidden": "true" }), part.name, " ", h("span.faint.number", null, bytes(part.bytes))))),
    isTooMuch ? h("p.bad", null, "More than there is: quantize the model, offload layers, or use a smaller resolution or fewer frames.") : null);
}

/**
 * All bars of what `plan` computes, with the time.
 * @param {any} plan
 * @returns {HTMLElement}
 */
export function planBars(plan) {
  return h("div.stack", null,
    memoryBar(`Memory of ${plan.deviceName}`, plan.device ?? [], plan.deviceSize ?? null),
    plan.host?.length ? memoryBar("Memory of the machine", plan.host, plan.hostSize ?? null) : null,
    plan.disk?.length ? memoryBar("Disk", plan.disk, null) : null);
}
