// @ts-check
// The machine: devices, memory, load, disk, versions; whether the model computes what the reference does.

import { get } from "../api.js";
import { button, card, factList, fill, h, head } from "../dom.js";
import { bytes, number, percent } from "../format.js";
import { runTask } from "../parts/progress.js";

const every = 3000;

/** @param {string} name @param {number | null} used @param {number | null} total */
function meter(name, used, total) {
  return h("div.meter", null,
    h("div.row.apart", null, h("span", null, name), h("span.number.faint", null, total ? `${bytes(used)} of ${bytes(total)} (${percent((used ?? 0) / total)})` : bytes(used))),
    total ? h("progress", { max: total, value: used ?? 0, "aria-label": name, class: (used ?? 0) / total > 0.92 ? "full" : "" }) : null);
}

/** @param {any} device */
function deviceCard(device) {
  return card(device.name ?? device.id, h("span.badge", null, device.id),
    device.memoryTotal ? meter("Memory", device.memoryUsed, device.memoryTotal) : null,
    device.load === null || device.load === undefined ? null : h("div.meter", null,
      h("div.row.apart", null, "Load", h("span.number.faint", null, percent(device.load))), h("progress", { max: 1, value: device.load, "aria-label": `Load of ${device.id}` })),
    factList([["Temperature", device.temperature ? `${device.temperature} °C` : null], ["Power", device.power ? `${Math.round(device.power)} W` : null]]));
}

/** @param {{path: string, total: number, free: number}[]} disks @returns {{path: string, total: number, free: number}[]} folders on one disk in one line */
function distinct(disks) {
  /** @type {Map<string, any>} */
  const found = new Map();
  for (const disk of disks) {
    const key = `${disk.total} ${disk.free}`;
    const known = found.get(key);
    found.set(key, known ? { ...known, path: `${known.path}, ${disk.path}` } : disk);
  }
  return [...found.values()];
}

/** @param {any} system */
function overview(system) {
  const { load, cores, versions, notes } = system;
  return [
    h("div.columns", null, (system.devices ?? []).map(deviceCard),
      card("Disks", null, distinct(system.disks ?? []).map((disk) => meter(disk.path, disk.total - disk.free, disk.total))),
      card("Machine", null, factList([
        ["Load, 1 / 5 / 15 min", (load ?? []).map((/** @type {number} */ one) => number(one, 3)).join(" / ")], ["Cores", cores],
        ["Note", notes?.length ? notes.join(" ") : null],
      ])),
      card("Versions", null, factList(Object.entries(versions ?? {})))),
  ];
}

/** @param {AbortSignal} signal */
function verification(signal) {
  const place = h("div.stack", { "aria-live": "polite" });
  const device = h("select", { "aria-label": "Device" }, h("option", null, "cpu"));
  const run = button("Verify", async () => {
    const task = await runTask(place, "verify", { device: device.value }, signal);
    if (task) fill(place, h("p.good", null, "✓ All recordings agree."), h("pre.log", { tabindex: 0 }, (task.result?.lines ?? task.lines ?? []).join("\n")));
  }, { kind: "primary" });
  const element = card("Does it compute what the reference does?", [device, run],
    h("p.faint", null, "Compares the model, part by part, with recordings of the reference implementation that are built into the program."), place);
  return { element, offer: (/** @type {any[]} */ devices) => {
    if (device.options.length !== Math.max(1, devices.length)) fill(device, devices.map((one) => h("option", { value: one.id }, one.id)));
  } };
}

export default {
  title: "System",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  async show(root, { signal }) {
    const stage = h("div.stack");
    const verify = verification(signal);
    root.append(head("System"), stage, verify.element);
    const update = async () => {
      const system = await get("/api/system", {}, signal);
      fill(stage, overview(system));
      verify.offer(system.devices ?? []);
    };
    await update();
    const timer = setInterval(() => { if (!document.hidden) update().catch(() => {}); }, every);
    signal.addEventListener("abort", () => clearInterval(timer));
  },
};
