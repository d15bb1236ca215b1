// Charts take turns. A chart draws all of itself for each new value, and a page may have six of them: one turn at a time
// keeps what they cost together the same however many there are. The numbers beside them follow every value.

export const TURN_MS = 500;

/** Not more often than this, even alone. */
export const REDRAW_MS = 1000;

export class Pacer {
  readonly #turns = new Map<() => void, number>();
  #turnAt = -Infinity;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Call `draw` now and then, until the returned function is called. */
  join(draw: () => void): () => void {
    this.#turns.set(draw, -Infinity);
    return () => void this.#turns.delete(draw);
  }

  /** There are new values: whoever waited longest draws, if it is time for the next turn. */
  beat(): void {
    const now = this.#now();
    if (now - this.#turnAt < TURN_MS) return;
    let first: { draw: () => void; at: number } | null = null;
    for (const [draw, at] of this.#turns) {
      if (now - at >= REDRAW_MS && (first === null || at < first.at)) first = { draw, at };
    }
    if (first === null) return;
    this.#turnAt = now;
    this.#turns.set(first.draw, now);
    first.draw();
  }
}

export const pacer = new Pacer(() => performance.now());
