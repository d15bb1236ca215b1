import { describe, expect, test, vi } from "vitest";
import { createModel } from "./model";
import { StreamStore } from "./store";
import { event, price, signal, snapshot, tick } from "./testing";

function storeWithFrames() {
  const frames: (() => void)[] = [];
  const store = new StreamStore((flush) => frames.push(flush));
  return { store, frames, frame: () => frames.splice(0).forEach((run) => run()) };
}

describe("the store", () => {
  test("folds in a burst at once and tells its listeners once", () => {
    const { store, frames, frame } = storeWithFrames();
    const told = vi.fn();
    store.subscribe(told);
    store.take(snapshot());
    for (let n = 0; n < 500; n += 1) store.take(n % 5 === 0 ? signal(n) : tick(price("GLD", 100 + n)));
    expect(frames).toHaveLength(1);
    expect(told).not.toHaveBeenCalled();
    frame();
    expect(told).toHaveBeenCalledTimes(1);
    expect(store.model.events).toHaveLength(100); // every fifth of 500: none was dropped
    expect(store.model.prices.get("GLD")?.price).toBe(599);
  });

  test("asks for another frame after the last one ran", () => {
    const { store, frames, frame } = storeWithFrames();
    store.take(signal(1));
    frame();
    store.take(signal(2));
    expect(frames).toHaveLength(1);
  });

  test("tells single messages in their order", () => {
    const { store, frame } = storeWithFrames();
    const heard: string[] = [];
    store.onMessage((message) => heard.push(message.name));
    store.take(snapshot());
    store.take(signal(1));
    frame();
    expect(heard).toEqual(["snapshot", "signal"]);
  });

  test("knows for another tab also what no frame has shown", () => {
    const { store } = storeWithFrames();
    store.take(signal(1));
    expect(store.latest().lastId).toBe("1.0.aa");
  });

  test("takes over the picture of another tab only while it has none", () => {
    const { store, frame } = storeWithFrames();
    const picture = { ...createModel(), loaded: true, events: [event(9)], lastId: "9.0.aa" };
    store.adopt(picture);
    frame();
    expect(store.latest().lastId).toBe("9.0.aa");
    store.adopt({ ...createModel(), loaded: true, lastId: "3.0.aa" });
    expect(store.latest().lastId).toBe("9.0.aa");
  });
});
