// @ts-check
// The frame around the pages: navigation, colours, shortcuts.

import { h } from "./dom.js";
import { startRouter } from "./router.js";
import { startTheme } from "./theme.js";
import { startShortcuts } from "./shortcuts.js";

/** @type {Record<string, {text: string, load: () => Promise<any>, isHidden?: boolean}>} */
const pages = {
  jobs: { text: "Jobs", load: () => import("./pages/jobs.js") },
  datasets: { text: "Datasets", load: () => import("./pages/datasets.js") },
  loras: { text: "LoRAs", load: () => import("./pages/loras.js") },
  system: { text: "System", load: () => import("./pages/system.js") },
  bin: { text: "Bin", load: () => import("./pages/bin.js") },
  job: { text: "Jobs", load: () => import("./pages/job.js"), isHidden: true },
  new: { text: "Jobs", load: () => import("./pages/new-job.js"), isHidden: true },
  edit: { text: "Jobs", load: () => import("./pages/new-job.js"), isHidden: true },
  dataset: { text: "Datasets", load: () => import("./pages/dataset.js"), isHidden: true },
};

const navigation = /** @type {HTMLElement} */ (document.getElementById("navigation"));
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
for (const [name, page] of Object.entries(pages)) {
  if (!page.isHidden) navigation.append(h("a", { href: `#/${name}` }, page.text));
}

/** @param {string} name */
async function load(name) {
  const page = pages[name];
  if (!page) throw new Error(`There is no page "${name}".`);
  return (await page.load()).default;
}

/** @param {string} name */
function mark(name) {
  for (const link of navigation.querySelectorAll("a")) {
    const isHere = link.textContent === pages[name].text;
    isHere ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  window.scrollTo(0, 0);
}

// The address's `#` belongs to the router, so the link only moves the focus.
document.getElementById("skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
startTheme();
startShortcuts();
startRouter(main, load, mark);
