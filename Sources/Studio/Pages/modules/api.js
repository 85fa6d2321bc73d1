// @ts-check
// Requests to the server. Changes carry the session's CSRF value; failures become `ApiError`s with the server's words.

/** @typedef {{severity: "error" | "warning" | "note", file?: string, line: number, path: string, message: string, fix: string}} Diagnostic */

/** What the server said no to, and why. */
export class ApiError extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    const error = body?.error ?? {};
    const first = body?.diagnostics?.find((/** @type {Diagnostic} */ one) => one.severity === "error") ?? body?.diagnostics?.[0];
    super(error.message ?? first?.message ?? `The server answered with status ${status}.`);
    this.status = status;
    /** @type {string} */
    this.where = error.where ?? first?.path ?? "";
    /** @type {string} */
    this.fix = error.fix ?? first?.fix ?? "";
    /** @type {Diagnostic[] | null} */
    this.diagnostics = body?.diagnostics ?? null;
  }

  /** All in one line. */
  get words() {
    return [this.where && `${this.where}:`, this.message, this.fix && `– ${this.fix}`].filter(Boolean).join(" ");
  }
}

/** @type {Promise<any> | null} */
let opened = null;

/** @returns {Promise<{csrf: string, version: string, roots: {index: number, name: string, path: string}[]}>} the session, asked for once */
export function session() {
  opened ??= request("GET", "/api/session").catch((error) => { opened = null; throw error; });
  return opened;
}

/**
 * Reads.
 * @param {string} path
 * @param {Record<string, any>} [query] - null values are left out
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export function get(path, query = {}, signal) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  const search = given.length ? `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}` : "";
  return request("GET", path + search, undefined, signal);
}

/**
 * Changes something.
 * @param {"POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {any} [body] - JSON, or a Blob as it is
 * @param {Record<string, string>} [headers]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function send(method, path, body, headers = {}, signal) {
  const once = async () => request(method, path, body, signal, { ...headers, "X-Likeness-CSRF": (await session()).csrf });
  try {
    return await once();
  } catch (error) {
    // The server was started anew: its CSRF value is another one.
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    opened = null;
    return once();
  }
}

/** @param {string} path @param {any} [body] */
export const post = (path, body = {}) => send("POST", path, body);
/** @param {string} path @param {any} body */
export const put = (path, body) => send("PUT", path, body);
/** @param {string} path */
export const remove = (path) => send("DELETE", path);

/** @param {string} path - a root path, `0/clips/a b.mp4` @returns {string} with each component encoded */
export function encoded(path) {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** @param {string} path - a root path @param {boolean} [download] */
export function fileAddress(path, download = false) {
  return `/api/files/${encoded(path)}${download ? "?download" : ""}`;
}

/** @param {string} method @param {string} path @param {any} [body] @param {AbortSignal} [signal] @param {Record<string, string>} [headers] */
async function request(method, path, body, signal, headers = {}) {
  const isBlob = body instanceof Blob;
  /** @type {Record<string, string>} */
  const type = body === undefined ? {} : { "Content-Type": isBlob ? "application/octet-stream" : "application/json" };
  const answer = await reach(path, {
    method,
    signal,
    credentials: "same-origin",
    headers: { Accept: "application/json", ...type, ...headers },
    body: body === undefined || isBlob ? body : JSON.stringify(body),
  });
  if (answer.status === 401) location.assign("/login");
  const isJSON = answer.headers.get("Content-Type")?.includes("json");
  const content = isJSON ? await answer.json() : await answer.text();
  if (!answer.ok) throw new ApiError(answer.status, isJSON ? content : null);
  return content;
}

/** @param {string} path @param {RequestInit} options */
async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, { error: { message: "The studio's server cannot be reached", fix: "see whether `likeness studio` still runs where you started it" } });
  }
}
