// One connection to the stream of prices: it resumes where it stopped and never gives up.

const EVENTS = ["snapshot", "tick", "view", "signal", "config", "status", "reset"];
const SILENCE_MS = 12_000; // the server speaks every 2 s: after this the connection is dead whatever it claims

/**
 * Calls `on(name, data)` for each event and `changed(connection)` when the connection's state does.
 * `connection`: { state: connecting | open | waiting, heardAt, retryAt } in milliseconds of `performance.now()`.
 */
export function connect(on, changed) {
  const connection = { state: "connecting", heardAt: performance.now(), retryAt: null };
  let source = null;
  let lastId = null;
  let failures = 0;
  let timer = null;

  function become(state, retryAt = null) {
    connection.state = state;
    connection.retryAt = retryAt;
    changed(connection);
  }

  function open() {
    clearTimeout(timer);
    timer = null;
    become("connecting");
    connection.heardAt = performance.now();
    const query = lastId === null ? "" : `?last_event_id=${encodeURIComponent(lastId)}`;
    source = new EventSource(`/api/stream/prices${query}`);
    for (const name of EVENTS) source.addEventListener(name, (event) => heard(name, event));
    // EventSource would try again by itself, at a fixed pace and with the id in the address; our own pace is kinder.
    source.addEventListener("error", retry);
  }

  function heard(name, event) {
    if (event.lastEventId) lastId = event.lastEventId;
    connection.heardAt = performance.now();
    if (connection.state !== "open") {
      failures = 0;
      become("open");
    }
    on(name, JSON.parse(event.data));
  }

  function retry() {
    if (timer !== null) return;
    source?.close();
    source = null;
    const pause = Math.min(30_000, 1000 * 2 ** failures) * (0.75 + Math.random() / 2);
    failures += 1;
    become("waiting", performance.now() + pause);
    timer = setTimeout(open, pause);
  }

  setInterval(() => {
    if (source !== null && performance.now() - connection.heardAt > SILENCE_MS) retry();
  }, 1000);
  window.addEventListener("online", () => timer !== null && open());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && timer !== null) open();
  });
  open();
  return { connection, now: () => timer !== null && open() };
}
