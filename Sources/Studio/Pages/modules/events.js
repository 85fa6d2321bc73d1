// @ts-check
// Server-sent events: one connection per address, closed with the page that opened it.

/**
 * Listens to a stream. The browser connects again by itself; `onOpen` is then called again, to read what was missed.
 * @param {string} address
 * @param {Record<string, (data: any) => void>} listeners - by the event's name
 * @param {AbortSignal} signal - ends it
 * @param {(isAgain: boolean) => void} [onOpen]
 * @returns {EventSource}
 */
export function listen(address, listeners, signal, onOpen) {
  const source = new EventSource(address);
  let wasOpen = false;
  for (const [name, listener] of Object.entries(listeners)) {
    source.addEventListener(name, (event) => listener(JSON.parse(event.data)));
  }
  source.addEventListener("open", () => {
    showConnection("open");
    onOpen?.(wasOpen);
    wasOpen = true;
  });
  source.addEventListener("error", () => {
    if (!signal.aborted) showConnection("lost");
  });
  signal.addEventListener("abort", () => {
    source.close();
    showConnection("");
  });
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
