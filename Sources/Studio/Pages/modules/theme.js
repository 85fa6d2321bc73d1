// @ts-check
// Dark, light, or as the system.

const names = { system: "as the system", light: "light", dark: "dark" };
const marks = { system: "◐", light: "☀", dark: "☾" };
/** @typedef {keyof typeof names} Theme */

/** Shows the kept choice and lets the button change it. */
export function startTheme() {
  const button = document.getElementById("theme");
  /** @type {Theme[]} */
  const order = ["system", "light", "dark"];
  const stored = /** @type {Theme} */ (localStorage.getItem("theme") ?? "system");
  let theme = order.includes(stored) ? stored : "system";
  const show = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    if (button) {
      button.textContent = marks[theme];
      button.title = `Colours: ${names[theme]}`;
      button.setAttribute("aria-label", button.title);
    }
    window.dispatchEvent(new Event("themechange"));
  };
  button?.addEventListener("click", () => {
    theme = order[(order.indexOf(theme) + 1) % order.length];
    localStorage.setItem("theme", theme);
    show();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => window.dispatchEvent(new Event("themechange")));
  show();
}

/** @param {string} name - of a custom property, such as `--accent` @returns {string} its colour now, as the canvas takes it */
export function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
