// One connection for all tabs of a browser: the tab that holds the lock has it and tells the others what it hears.
// HTTP/1.1 allows six connections to a server, and six open tabs would leave none for anything else.

import { now, type Connection, type StreamMessage } from "./types";
import { SseConnection, browserSurroundings } from "./sse";
import type { Model } from "./model";

const NAME = "ptj.stream.3"; // the number changes with the shape of what the tabs say to each other

type Said =
  // As text: a copy of the object costs more than all that the leader does with it.
  | { kind: "message"; name: StreamMessage["name"]; id: string | null; text: string }
  | { kind: "connection"; connection: Connection }
  | { kind: "hello" } // a new tab asks for the picture
  | { kind: "picture"; model: Model; connection: Connection }
  | { kind: "poke"; retry: boolean }; // a visible tab wakes a leader whose timers the browser slows down

export interface Ears {
  message(message: StreamMessage): void;
  connection(connection: Connection): void;
  /** Everything another tab knows, for a tab that knows nothing yet. */
  picture(model: Model): void;
  /** What this tab knows, for others. */
  model(): Model;
}

/** Listens to the stream, through a connection of its own or another tab's. */
export class LeaderLink {
  readonly #ears: Ears;
  #opened: Opened | null = null;

  constructor(ears: Ears) {
    this.#ears = ears;
  }

  open(): void {
    this.#opened ??= listen(this.#ears);
  }

  close(): void {
    this.#opened?.close();
    this.#opened = null;
  }

  /** Try to connect at once, whichever tab has the connection. */
  retryNow(): void {
    this.#opened?.retryNow();
  }
}

interface Opened {
  retryNow: () => void;
  close: () => void;
}

function listen(ears: Ears): Opened {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
  const say = (said: Said) => channel?.postMessage(said);
  const leaving = new AbortController();
  let sse: SseConnection | null = null;
  let heard: Connection | null = null; // as the leader told
  const followers = new Followers();

  const lead = () => {
    sse = new SseConnection(
      browserSurroundings(now),
      {
        message(message, text) {
          if (followers.there) say({ kind: "message", name: message.name, id: message.id, text });
          ears.message(message);
        },
        changed(connection) {
          say({ kind: "connection", connection });
          ears.connection(connection);
        },
      },
      ears.model().lastId,
    );
    sse.start();
  };

  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Said>) => {
      if (sse) {
        if (data.kind === "hello") {
          followers.came();
          say({ kind: "picture", model: ears.model(), connection: sse.connection });
        } else if (data.kind === "poke" && data.retry) sse.retryNow();
        else if (data.kind === "poke") sse.check();
        return;
      }
      if (data.kind === "message") {
        heard = { state: "open", heardAt: now(), retryAt: null };
        ears.connection(heard);
        ears.message({
          name: data.name,
          id: data.id,
          data: JSON.parse(data.text) as unknown,
        } as StreamMessage);
      } else if (data.kind === "connection") {
        heard = data.connection;
        ears.connection(heard);
      } else if (data.kind === "picture") {
        ears.picture(data.model);
        heard = data.connection;
        ears.connection(heard);
      }
    };
  }

  const visible = () => document.visibilityState === "visible";
  const watch = window.setInterval(() => {
    if (sse) {
      sse.check();
      void followers.look();
    } else if (visible() && heard && now() - heard.heardAt > 3000) say({ kind: "poke", retry: false });
  }, 1000);

  const retryNow = () => {
    if (sse) sse.retryNow();
    else say({ kind: "poke", retry: true });
  };
  const onVisible = () => {
    if (visible()) retryNow();
  };
  window.addEventListener("online", retryNow);
  document.addEventListener("visibilitychange", onVisible);

  // Locks exist only in secure contexts: over plain http from another machine each tab has its own connection.
  if ("locks" in navigator && channel) {
    say({ kind: "hello" });
    const held = navigator.locks.request(NAME, { signal: leaving.signal }, () => {
      lead();
      return new Promise<void>((resolve) => leaving.signal.addEventListener("abort", () => resolve()));
    });
    held.catch(() => undefined); // aborted while still waiting in line
  } else {
    lead();
  }

  return {
    retryNow,
    close() {
      leaving.abort();
      sse?.stop();
      channel?.close();
      window.clearInterval(watch);
      window.removeEventListener("online", retryNow);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}

/** Whether other tabs listen: each of them waits for the lock. To speak to nobody costs as much as to speak to ten. */
class Followers {
  there = "locks" in navigator; // until looked: those of the leader before say nothing
  #greetings = 0;
  #alone = 0; // so many looks in a row found nobody; one alone could miss a tab that is just being opened

  came(): void {
    this.there = true;
    this.#greetings += 1;
    this.#alone = 0;
  }

  async look(): Promise<void> {
    if (!("locks" in navigator)) return;
    const before = this.#greetings;
    const { pending = [] } = await navigator.locks.query();
    if (before !== this.#greetings) return;
    this.#alone = pending.some((lock) => lock.name === NAME) ? 0 : this.#alone + 1;
    this.there = this.#alone < 2;
  }
}
