// The stream's state outside React. Messages wait a moment and are folded in at once, so that a burst costs one redraw;
// whoever subscribed is told once and looks at what it selected.

import { createModel, fold, type Model } from "./model";
import { now, type Connection, type StreamMessage } from "./types";

export interface Scheduler {
  /** Run `flush` soon; called at most once until it ran. */
  (flush: () => void): void;
}

/** What one reading of the quotes brings comes in pieces: the prices and, some 10 ms later, what the rules say of them. */
const GATHER_MS = 30;

/**
 * Soon enough for the eye, and late enough that a price and its verdict change in the same frame. A timer and no request
 * for a frame: what charts ask to draw during the flush is then part of the frame that shows it.
 */
export const gathered: Scheduler = (flush) => {
  setTimeout(flush, document.visibilityState === "visible" ? GATHER_MS : 250);
};

export class StreamStore {
  readonly #schedule: Scheduler;
  readonly #listeners = new Set<() => void>();
  readonly #signalListeners = new Set<(message: StreamMessage) => void>();
  #waiting: { message: StreamMessage; at: number }[] = [];
  #scheduled = false;
  #model = createModel();
  #connection: Connection = { state: "connecting", heardAt: now(), retryAt: null };

  constructor(schedule: Scheduler) {
    this.#schedule = schedule;
  }

  get model(): Model {
    return this.#model;
  }

  get connection(): Connection {
    return this.#connection;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hear single messages as they are folded in, for what is counted or rung rather than shown. */
  readonly onMessage = (listener: (message: StreamMessage) => void): (() => void) => {
    this.#signalListeners.add(listener);
    return () => this.#signalListeners.delete(listener);
  };

  take(message: StreamMessage, at = now()): void {
    this.#waiting.push({ message, at });
    this.#connection = { state: "open", heardAt: at, retryAt: null };
    this.#later();
  }

  setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#later();
  }

  /** Take over what another tab knows, if this one knows nothing. */
  adopt(model: Model): void {
    if (this.#model.loaded || this.#waiting.some(({ message }) => message.name === "snapshot")) return;
    this.#model = model;
    this.#later();
  }

  /** All that was heard, also what no frame has shown yet. */
  latest(): Model {
    this.#fold();
    return this.#model;
  }

  #later(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#fold();
      for (const listener of this.#listeners) listener();
    });
  }

  #fold(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { message, at } of waiting) {
      fold(this.#model, message, at);
      for (const listener of this.#signalListeners) listener(message);
    }
  }
}
