// @ts-check
// One change in all captions of a folder, seen before it is made.

import { encoded, post } from "../api.js";
import { button, fill, h } from "../dom.js";
import { plural } from "../format.js";
import { openDialog } from "./dialog.js";
import { attempt } from "./toast.js";

/** @param {string} folder @param {() => void} onDone */
export function replaceDialog(folder, onDone) {
  const find = h("input", { type: "text", id: "find" });
  const replace = h("input", { type: "text", id: "replace" });
  const isExpression = h("input", { type: "checkbox" });
  const isCaseSensitive = h("input", { type: "checkbox", checked: true });
  const preview = h("div.stack", { "aria-live": "polite" });
  const ask = (/** @type {boolean} */ dryRun) => attempt(() => post(`/api/datasets/${encoded(folder)}/replace`,
    { find: find.value, replace: replace.value, isExpression: isExpression.checked, isCaseSensitive: isCaseSensitive.checked, dryRun }));
  const look = async () => {
    const answer = find.value ? await ask(true) : { changes: [] };
    if (answer) fill(preview, changesView(answer.changes));
    apply.disabled = !answer?.changes.length;
  };
  const apply = button("Replace", async () => {
    const answer = await ask(false);
    if (!answer) return;
    dialog.close();
    onDone();
  }, { kind: "primary", disabled: true });
  const dialog = openDialog("Find and replace in captions", h("div.stack", null,
    h("label", { for: "find" }, "Find"), find, h("label", { for: "replace" }, "Replace with"), replace,
    h("div.row", null, h("label.inline", null, isCaseSensitive, "Upper and lower case differ"), h("label.inline", null, isExpression, "Regular expression")), preview),
  [button("Preview", look), apply], { isWide: true });
  for (const input of [find, replace]) input.addEventListener("input", () => { apply.disabled = true; });
  find.focus();
}

/** @param {{name: string, before: string, after: string, count: number}[]} changes */
function changesView(changes) {
  if (!changes.length) return h("p.faint", null, "No caption has it.");
  return [
    h("p", null, `${plural(changes.length, "caption")} would change.`),
    h("div.changes", { tabindex: 0 }, changes.slice(0, 100).map((change) => h("div", null, h("b", null, change.name), h("del", null, change.before), h("ins", null, change.after)))),
  ];
}
