import { expect, test } from "vitest";
import { event } from "@/stream/testing";
import { marksOf } from "./useDay";

const edge = (minute: number, decision: string) =>
  event(minute, {
    signal_type: "gold",
    subject: "GLD",
    event_time: new Date(Date.UTC(2026, 10, 23, 14, 30 + minute)).toISOString(),
    after: { state: "ok", decision, is_actionable: false, suppressed_by: [] },
  });

test("a mark stands where the look changed, and a restless day keeps its newest", () => {
  const banned = [
    edge(3, "warning:banned"),
    edge(2, "clear:banned"),
    edge(1, "warning:banned"),
    edge(0, "clear:pending"),
  ];
  expect(marksOf(banned, "GLD").map((mark) => mark.id)).toEqual([banned[3]?.event_id, banned[2]?.event_id]);
  const restless = Array.from({ length: 100 }, (_, i) =>
    edge(99 - i, i % 2 ? "clear:allowed" : "warning:allowed"),
  );
  expect(marksOf(restless, "GLD")).toHaveLength(40);
  expect(marksOf(restless, "GLD").at(-1)?.id).toBe(restless[0]?.event_id);
});
