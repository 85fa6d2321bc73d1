// @ts-check
// Folders of clips.

import { encoded, get, post, session } from "../api.js";
import { button, empty, fill, h, head } from "../dom.js";
import { bytes, duration, plural } from "../format.js";
import { openDialog } from "../parts/dialog.js";
import { attempt } from "../parts/toast.js";
import { go } from "../router.js";

/** @param {any} dataset */
function datasetCard(dataset) {
  const address = `#/dataset/${encoded(dataset.path)}`;
  // Sound and length are known once the folder was looked into.
  const isKnown = (/** @type {any} */ value) => value !== null && value !== undefined;
  const facts = [
    isKnown(dataset.withSound) && `${dataset.withSound} with sound`, `${dataset.withCaption} with caption`,
    isKnown(dataset.seconds) && duration(dataset.seconds), bytes(dataset.bytes),
  ].filter(Boolean);
  return h("a.card.dataset", { href: address },
    dataset.cover ? h("img", { src: `/api/datasets/${encoded(dataset.cover)}/thumbnail`, alt: "", loading: "lazy" }) : h("div.no-cover", { "aria-hidden": "true" }, "▦"),
    h("div.stack", null, h("h2", null, dataset.name), isNested(dataset) ? h("div.faint.small.mono", null, dataset.path.slice(dataset.path.indexOf("/") + 1)) : null, h("div", null, plural(dataset.clips, "clip")), h("div.faint.small", null, facts.join(" · "))));
}

/** @param {{path: string}} dataset - whether its name alone does not say where it is */
function isNested(dataset) {
  return dataset.path.split("/").length > 2;
}

async function createFolder() {
  const { roots } = await session();
  const root = h("select", { id: "new-root" }, roots.map((one) => h("option", { value: one.index }, one.path)));
  const name = h("input", { type: "text", id: "new-name", required: true, placeholder: "clips/anna" });
  const form = h("form.stack", { method: "dialog" }, h("label", { for: "new-root" }, "Below"), root, h("label", { for: "new-name" }, "Folder"), name,
    h("div.row.end", null, h("button.primary", { type: "submit" }, "Create")));
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    // It closes when the folder is there: what was typed is not lost where the server says no.
    event.preventDefault();
    const made = await attempt(() => post("/api/datasets", { path: `${root.value}/${name.value.trim().replace(/^\/+|\/+$/g, "")}` }));
    if (!made) return;
    dialog.close();
    go(`#/dataset/${encoded(made.path)}`);
  });
  const dialog = openDialog("New dataset", form, []);
  name.focus();
}

export default {
  title: "Datasets",
  /** @param {HTMLElement} root @param {import("../router.js").Route} route */
  async show(root, { signal }) {
    const stage = h("div.tiles");
    root.append(head("Datasets", button("New dataset", createFolder, { kind: "primary" })), stage);
    const { datasets } = await get("/api/datasets", {}, signal);
    if (datasets.length) fill(stage, datasets.map(datasetCard));
    else stage.replaceWith(empty("No folder with clips below the studio's roots. Make one and drop clips into it, or start the studio with --root FOLDER."));
  },
};
