// Charts take turns. A chart draws all of itself for each new value, and a page may have six of them: one turn at a time
// keeps what they cost together the same however many there are. The numbers beside them follow every value.

export const TURN_MS = 500;

/** Not more often than this, even alone. */
export const REDRAW_MS = 1000;

export class Pacer {
  readonly #turns = new Map<() => void, number>();
  #timer: ReturnType<typeof setInterval> | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Call `draw` now and then, until the returned function is called. */
  join(draw: () => void): () => void {
    this.#turns.set(draw, -Infinity);
    this.#timer ??= setInterval(() => this.#next(), TURN_MS);
    return () => {
      this.#turns.delete(draw);
      if (this.#turns.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  /** The one that waited longest. */
  #next(): void {
    const now = this.#now();
    let first: { draw: () => void; at: number } | null = null;
    for (const [draw, at] of this.#turns) {
      if (now - at >= REDRAW_MS && (first === null || at < first.at)) first = { draw, at };
    }
    if (first === null) return;
    this.#turns.set(first.draw, now);
    first.draw();
  }
}

export const pacer = new Pacer(() => performance.now());
