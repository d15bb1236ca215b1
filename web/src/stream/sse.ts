// One connection to the stream: it resumes where it stopped and never gives up. Timers and sockets are passed in.

import { STREAM_EVENTS, type Connection, type StreamMessage } from "./types";

/** The server speaks every 2 s: after this the connection is dead, whatever it claims. */
export const SILENCE_MS = 12_000;
export const LONGEST_PAUSE_MS = 30_000;

/** The part of `EventSource` that is used. */
export interface Source {
  addEventListener(name: string, listener: (event: Event) => void): void;
  close(): void;
}

export interface Surroundings {
  open(url: string): Source;
  now(): number;
  random(): number;
  setTimeout(run: () => void, ms: number): number;
  clearTimeout(timer: number): void;
}

export interface Listener {
  /** `text`: the message's data as it came, for whoever passes it on. */
  message(message: StreamMessage, text: string): void;
  changed(connection: Connection): void;
}

/** The pause before try number `failures`, counted from 0: 1, 2, 4 … 30 s, a quarter more or less. */
export const pauseMs = (failures: number, random: number): number =>
  Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** failures) * (0.75 + random / 2);

export class SseConnection {
  readonly #around: Surroundings;
  readonly #listener: Listener;
  #source: Source | null = null;
  #timer: number | null = null;
  #failures = 0;
  #closed = false;
  #connection: Connection;
  lastId: string | null;

  constructor(around: Surroundings, listener: Listener, lastId: string | null) {
    this.#around = around;
    this.#listener = listener;
    this.lastId = lastId;
    this.#connection = { state: "connecting", heardAt: around.now(), retryAt: null };
  }

  get connection(): Connection {
    return this.#connection;
  }

  start(): void {
    this.#open();
  }

  stop(): void {
    this.#closed = true;
    this.#drop();
  }

  /** Try at once instead of when the pause ends. Nothing happens while there is a connection. */
  retryNow(): void {
    if (this.#timer !== null) this.#open();
  }

  /** To be called now and then: notices a connection that went silent, and a pause that a sleeping tab slept through. */
  check(): void {
    const { state, heardAt, retryAt } = this.#connection;
    const now = this.#around.now();
    if (state !== "waiting" && now - heardAt > SILENCE_MS) this.#lost();
    else if (retryAt !== null && now > retryAt) this.retryNow();
  }

  #open(): void {
    this.#drop();
    if (this.#closed) return;
    this.#become({ state: "connecting", heardAt: this.#around.now(), retryAt: null });
    const query = this.lastId === null ? "" : `?last_event_id=${encodeURIComponent(this.lastId)}`;
    const source = this.#around.open(`/api/stream/prices${query}`);
    this.#source = source;
    for (const name of STREAM_EVENTS) {
      source.addEventListener(name, (event) => {
        if (source === this.#source) this.#heard(name, event as MessageEvent<string>);
      });
    }
    // EventSource would try again by itself, at a fixed pace and with the id in the address; our own pace is kinder.
    source.addEventListener("error", () => {
      if (source === this.#source) this.#lost();
    });
  }

  #heard(name: StreamMessage["name"], event: MessageEvent<string>): void {
    const data = JSON.parse(event.data) as StreamMessage["data"];
    const id = event.lastEventId === "" ? null : event.lastEventId;
    if (id !== null) this.lastId = id;
    if (name === "reset") this.lastId = null;
    const first = this.#connection.state !== "open";
    this.#connection = { state: "open", heardAt: this.#around.now(), retryAt: null };
    this.#failures = 0;
    if (first) this.#listener.changed(this.#connection);
    this.#listener.message({ name, data, id } as StreamMessage, event.data);
  }

  #lost(): void {
    this.#drop();
    const pause = pauseMs(this.#failures, this.#around.random());
    this.#failures += 1;
    this.#become({
      state: "waiting",
      heardAt: this.#connection.heardAt,
      retryAt: this.#around.now() + pause,
    });
    this.#timer = this.#around.setTimeout(() => this.#open(), pause);
  }

  #drop(): void {
    if (this.#timer !== null) this.#around.clearTimeout(this.#timer);
    this.#timer = null;
    this.#source?.close();
    this.#source = null;
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    this.#listener.changed(connection);
  }
}

export const browserSurroundings = (now: () => number): Surroundings => ({
  open: (url) => new EventSource(url),
  now,
  random: () => Math.random(),
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (timer) => window.clearTimeout(timer),
});
