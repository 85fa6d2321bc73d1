// @ts-check
// Elements without HTML strings: text never becomes markup, and the content security policy can stay strict.

/** @typedef {Node | string | number | null | undefined | false | Array<any>} Child */

const namespace = "http://www.w3.org/2000/svg";

/**
 * Makes an element.
 * @param {string} name - tag, with classes behind dots: `td.number.faint`
 * @param {Record<string, any> | null} [attributes] - attributes; `on` maps event names to listeners; `value`, `checked` and the like are set as properties
 * @param {...Child} children
 * @returns {any}
 */
export function h(name, attributes, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) assign(element, key, value);
  append(element, children);
  return element;
}

/**
 * Makes an element of a drawing.
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {...Child} children
 * @returns {SVGElement}
 */
export function svg(name, attributes, ...children) {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  append(element, children);
  return element;
}

/**
 * Puts new content in place of the old.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

/** @param {Element} parent @param {Child[]} children */
function append(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

const properties = new Set(["value", "checked", "disabled", "hidden", "muted", "loop", "indeterminate", "selected", "readOnly"]);

/** @param {any} element @param {string} key @param {any} value */
function assign(element, key, value) {
  if (value === null || value === undefined || value === false && !properties.has(key)) return;
  if (key === "on") {
    for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  } else if (key === "class") {
    element.classList.add(...String(value).split(" ").filter(Boolean));
  } else if (properties.has(key)) {
    element[key] = value;
  } else {
    element.setAttribute(key, value === true ? "" : String(value));
  }
}

/**
 * A button.
 * @param {string} text
 * @param {(event: Event) => any} action - while a promise of it is open the button does nothing; it keeps the focus, which a disabled one loses
 * @param {Record<string, any>} [attributes]
 * @returns {HTMLButtonElement}
 */
export function button(text, action, attributes = {}) {
  const { kind, ...rest } = attributes;
  const element = h("button", { type: "button", class: kind ?? "", ...rest }, text);
  element.addEventListener("click", async (/** @type {Event} */ event) => {
    if (element.getAttribute("aria-busy") === "true") return;
    const result = action(event);
    if (!(result instanceof Promise)) return;
    element.setAttribute("aria-busy", "true");
    try { await result; } finally { element.removeAttribute("aria-busy"); }
  });
  return element;
}

/**
 * A title with a row of tools.
 * @param {string} title
 * @param {...Child} tools
 */
export function head(title, ...tools) {
  return h("div.head", null, h("h1", null, title), h("div.row", null, ...tools));
}

/**
 * A framed part of a page.
 * @param {string | null} title
 * @param {Child} tools
 * @param {...Child} children
 */
export function card(title, tools, ...children) {
  return h("section.card", title ? { "aria-label": title } : null,
    title ? h("header", null, h("h2", null, title), tools) : null, ...children);
}

/** @param {string} text - with code between backticks @returns {Child[]} */
export function prose(text) {
  return text.split("`").map((part, index) => (index % 2 ? h("code", null, part) : part));
}

/** @param {Array<[string, Child]>} facts - what is null is left out */
export function factList(facts) {
  return h("dl.facts", null, facts.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}

/** @param {string} text @param {...Child} more */
export function empty(text, ...more) {
  return h("div.empty", null, h("p", null, text), ...more);
}

/**
 * Calls once, when nothing was asked for during a while.
 * @template {any[]} T
 * @param {(...values: T) => void} action
 * @param {number} milliseconds
 * @returns {(...values: T) => void}
 */
export function debounced(action, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => action(...values), milliseconds);
  };
}

/**
 * As often as `milliseconds` allow, however fast the calls come: what is put off until it is quiet would wait for the end of a run.
 * @param {() => void} action
 * @param {number} milliseconds - after the first call; those in between belong to it
 * @returns {() => void}
 */
export function spaced(action, milliseconds) {
  let timer = 0;
  return () => {
    timer ||= window.setTimeout(() => { timer = 0; action(); }, milliseconds);
  };
}
