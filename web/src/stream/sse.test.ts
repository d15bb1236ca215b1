import { describe, expect, test } from "vitest";
import { LONGEST_PAUSE_MS, SILENCE_MS, SseConnection, pauseMs, type Source, type Surroundings } from "./sse";
import type { Connection, StreamMessage } from "./types";

class FakeSource implements Source {
  readonly url: string;
  closed = false;
  readonly #listeners = new Map<string, (event: Event) => void>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(name: string, listener: (event: Event) => void): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.closed = true;
  }

  say(name: string, data: unknown = {}, lastEventId = ""): void {
    this.#listeners.get(name)?.({ data: JSON.stringify(data), lastEventId } as unknown as Event);
  }

  fail(): void {
    this.#listeners.get("error")?.({} as Event);
  }
}

/** A connection whose clock and timers are turned by hand. */
function connected(lastId: string | null = null) {
  let clock = 0;
  let timers: { id: number; at: number; run: () => void }[] = [];
  let next = 1;
  const sources: FakeSource[] = [];
  const messages: StreamMessage[] = [];
  const states: Connection["state"][] = [];
  const around: Surroundings = {
    open(url) {
      const source = new FakeSource(url);
      sources.push(source);
      return source;
    },
    now: () => clock,
    random: () => 0.5, // the middle of the jitter: the pause as it is
    setTimeout(run, ms) {
      timers.push({ id: next, at: clock + ms, run });
      return next++;
    },
    clearTimeout: (id) => {
      timers = timers.filter((timer) => timer.id !== id);
    },
  };
  const listener = {
    message: (message: StreamMessage) => messages.push(message),
    changed: (connection: Connection) => states.push(connection.state),
  };
  const connection = new SseConnection(around, listener, lastId);
  const pass = (ms: number) => {
    clock += ms;
    const due = timers.filter((timer) => timer.at <= clock);
    timers = timers.filter((timer) => timer.at > clock);
    for (const timer of due) timer.run();
  };
  const newest = () => {
    const source = sources.at(-1);
    if (!source) throw new Error("expected a source");
    return source;
  };
  connection.start();
  return { connection, sources, newest, messages, states, pass, sleep: (ms: number) => (clock += ms) };
}

describe("the connection", () => {
  test("is open with the first thing it hears", () => {
    const { connection, newest, states } = connected();
    expect(connection.connection.state).toBe("connecting");
    newest().say("status");
    newest().say("status");
    expect(states).toEqual(["connecting", "open"]);
  });

  test("resumes from the newest id", () => {
    const { newest, pass, sources } = connected();
    newest().say("snapshot", {}, "3.0.ab");
    newest().say("tick"); // carries none
    newest().say("signal", {}, "4.0.cd");
    newest().fail();
    pass(1000);
    expect(sources).toHaveLength(2);
    expect(newest().url).toBe("/api/stream/prices?last_event_id=4.0.cd");
  });

  test("begins anew after a reset", () => {
    const { newest, pass } = connected("9.0.ff");
    expect(newest().url).toContain("9.0.ff");
    newest().say("reset", { reason: "unknown id" });
    newest().fail();
    pass(1000);
    expect(newest().url).toBe("/api/stream/prices");
  });

  test("waits 1, 2, 4 … 30 s, and 1 s again after it was open", () => {
    const { connection, newest, pass } = connected();
    const pauses = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].map((expected) => {
      newest().fail();
      const { retryAt } = connection.connection;
      pass(expected);
      return retryAt;
    });
    expect(pauses).toEqual([1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000]);
    newest().say("status");
    newest().fail();
    expect(connection.connection.retryAt).toBe(92_000);
  });

  test("jitters a quarter either way", () => {
    expect([pauseMs(0, 0), pauseMs(0, 1)]).toEqual([750, 1250]);
    expect(pauseMs(99, 0.5)).toBe(LONGEST_PAUSE_MS);
  });

  test("that went silent is dropped and tried again", () => {
    const { connection, newest, sources, pass } = connected();
    newest().say("status");
    pass(SILENCE_MS);
    connection.check();
    expect(connection.connection.state).toBe("open");
    pass(1);
    connection.check();
    expect(connection.connection.state).toBe("waiting");
    expect(sources[0]?.closed).toBe(true);
  });

  test("that is refused twice at once counts once", () => {
    const { newest, sources, pass } = connected();
    newest().fail();
    newest().fail();
    pass(1000);
    expect(sources).toHaveLength(2);
  });

  test("hears nothing of a source it has left", () => {
    const { connection, sources, newest, messages } = connected();
    const old = newest();
    old.fail();
    connection.retryNow();
    old.say("status");
    expect(messages).toEqual([]);
    expect(sources).toHaveLength(2);
  });

  test("is tried at once when asked, and only then", () => {
    const { connection, newest, sources } = connected();
    newest().say("status");
    connection.retryNow();
    expect(sources).toHaveLength(1);
    newest().fail();
    connection.retryNow();
    expect(sources).toHaveLength(2);
  });

  test("makes up for a pause that the browser slept through", () => {
    const { connection, newest, sources, sleep } = connected();
    newest().fail();
    sleep(5000); // timers of hidden tabs stand still
    connection.check();
    expect(sources).toHaveLength(2);
  });

  test("stays closed once it is stopped", () => {
    const { connection, newest, sources, pass } = connected();
    newest().fail();
    connection.stop();
    pass(60_000);
    expect(sources).toHaveLength(1);
  });
});
