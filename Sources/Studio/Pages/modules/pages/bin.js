// @ts-check
// Deleted jobs, which can come back.

import { get, post, remove } from "../api.js";
import { button, card, empty, fill, h, head } from "../dom.js";
import { count, moment } from "../format.js";
import { confirmed } from "../parts/dialog.js";
import { attempt } from "../parts/toast.js";

export default {
  title: "Bin",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  async show(root, { signal }) {
    const stage = h("div");
    const emptying = button("Empty the bin", async () => {
      const { jobs } = await get("/api/bin", {}, signal);
      if (await erase(jobs)) await load();
    }, { kind: "danger", hidden: true });
    root.append(head("Bin", emptying), stage);
    const load = async () => {
      const { jobs } = await get("/api/bin", {}, signal);
      emptying.hidden = !jobs.length;
      fill(stage, jobs.length ? card(null, null, table(jobs, load)) : empty("The bin is empty. Deleted jobs wait here, with all their files."));
    };
    await load();
  },
};

/** @param {any[]} jobs @returns {Promise<boolean>} whether they are gone */
async function erase(jobs) {
  const names = jobs.length === 1 ? jobs[0].name : `${jobs.length} jobs`;
  const isSure = await confirmed("Delete for good", `${names}: run file, curves and log are deleted. Adapters and samples stay in the run's folder.`, "Delete for good");
  if (!isSure) return false;
  for (const job of jobs) await attempt(() => remove(`/api/bin/${job.id}`));
  return true;
}

/** @param {any[]} jobs @param {() => Promise<void>} onChange */
function table(jobs, onChange) {
  return h("div.scroll", null, h("table.cards", { "aria-label": "Deleted jobs" },
    h("thead", null, h("tr", null, h("th", { scope: "col" }, "Job"), h("th.number", { scope: "col" }, "Step"), h("th", { scope: "col" }, "Deleted"), h("th", { scope: "col" }, h("span.hidden-label", null, "Actions")))),
    h("tbody", null, jobs.map((job) => h("tr", null, h("td.main", null, h("b", null, job.name)), h("td.number", { "data-label": "step" }, count(job.step)), h("td.faint", null, moment(job.deletedAt)),
      h("td.tools", null, button("Restore", async () => {
        if (await attempt(() => post(`/api/bin/${job.id}/restore`), `${job.name} is back.`)) await onChange();
      }, { kind: "small", "aria-label": `Restore ${job.name}` }),
      button("Delete for good", async () => { if (await erase([job])) await onChange(); }, { kind: "danger small", "aria-label": `Delete ${job.name} for good` })))))));
}
