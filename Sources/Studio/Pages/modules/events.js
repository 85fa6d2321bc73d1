// @ts-check
// Server-sent events: one connection per address, closed with the page that opened it and while nobody looks.

/**
 * Listens to a stream. The browser connects again by itself; `onOpen` is then called again, to read what was missed.
 * A hidden tab does not listen: a browser has six connections to one server, for all tabs together.
 * @param {string} address
 * @param {Record<string, (data: any) => void>} listeners - by the event's name
 * @param {AbortSignal} signal - ends it
 * @param {{onOpen?: (isAgain: boolean) => void, onRefused?: () => void}} [options] - `onRefused`: the server has no such stream
 */
export function listen(address, listeners, signal, options = {}) {
  /** @type {EventSource | null} */
  let source = null;
  let wasOpen = false;
  const connect = () => {
    source = opened(address, listeners);
    source.addEventListener("open", () => {
      showConnection("open");
      options.onOpen?.(wasOpen);
      wasOpen = true;
    });
    source.addEventListener("error", (event) => {
      showConnection("lost");
      if (/** @type {EventSource} */ (event.target).readyState === EventSource.CLOSED) options.onRefused?.();
    });
  };
  connect();
  document.addEventListener("visibilitychange", () => (document.hidden ? source?.close() : connect()), { signal });
  signal.addEventListener("abort", () => {
    source?.close();
    showConnection("");
  });
}

/** @param {string} address @param {Record<string, (data: any) => void>} listeners */
function opened(address, listeners) {
  const source = new EventSource(address);
  for (const [name, listener] of Object.entries(listeners)) {
    source.addEventListener(name, (event) => listener(JSON.parse(event.data)));
  }
  return source;
}

/** @param {"open" | "lost" | ""} state - empty: nothing is listened to */
function showConnection(state) {
  const mark = document.getElementById("live");
  if (!mark) return;
  mark.className = `live ${state}`;
  mark.title = { open: "Connected", lost: "Connection lost; trying again", "": "" }[state];
  mark.setAttribute("aria-label", mark.title);
}
