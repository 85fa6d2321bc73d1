// @ts-check
// Questions and forms above the page, in the browser's own dialog: focus stays inside, Escape closes.

import { button, h } from "../dom.js";

/**
 * Shows something until it is closed.
 * @param {string} title
 * @param {any} content
 * @param {any} [actions] - buttons at the end; "Close" stands where none are given
 * @param {{isWide?: boolean}} [options]
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, content, actions, options = {}) {
  const dialog = h("dialog", { "aria-label": title, class: options.isWide ? "wide" : "" });
  const close = button("✕", () => dialog.close(), { kind: "quiet", "aria-label": "Close" });
  dialog.append(
    h("header", null, h("h2", null, title), close),
    h("div.dialog-body", null, content),
    h("footer.row.end", null, actions ?? button("Close", () => dialog.close())),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (/** @type {Event} */ event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something that cannot simply be taken back.
 * @param {string} title
 * @param {string} text
 * @param {string} yes - what the button says that does it
 * @returns {Promise<boolean>}
 */
export function confirmed(title, text, yes) {
  return new Promise((resolve) => {
    let answer = false;
    const dialog = openDialog(title, h("p", null, text), [
      button("Cancel", () => dialog.close()),
      button(yes, () => { answer = true; dialog.close(); }, { kind: "primary" }),
    ]);
    dialog.addEventListener("close", () => resolve(answer));
  });
}

/**
 * Asks for one line of text.
 * @param {string} title
 * @param {string} label
 * @param {string} value
 * @param {string} yes
 * @returns {Promise<string | null>} null when it was closed
 */
export function asked(title, label, value, yes) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let answer = null;
    const input = h("input", { type: "text", id: "asked", value, required: true });
    const form = h("form.stack", { method: "dialog", on: { submit: () => { answer = input.value.trim() || null; } } },
      h("label", { for: "asked" }, label), input,
      h("div.row.end", null, h("button.primary", { type: "submit" }, yes)));
    const dialog = openDialog(title, form, []);
    input.select();
    dialog.addEventListener("close", () => resolve(answer));
  });
}
