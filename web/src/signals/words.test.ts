import type { TFunction } from "i18next";
import { expect, test } from "vitest";
import { sentenceOf } from "./words";

const t = ((key: string) => key) as unknown as TFunction;
const pair = (decision: string, gap: number) =>
  sentenceOf(t, {
    signal_type: "twin_pairs",
    subject: "coin",
    verdict: { state: "ok", decision, is_actionable: false, suppressed_by: [] },
    data: { gap, thresholds: { pair_gap_entry_threshold: 1.5, pair_gap_sell_threshold: 0.3 } },
  });

test("a gap below the band is no gap between the band and the entry line", () => {
  expect(pair("HOLD:follow_lags", 0.74)).toBe("pair.say.HOLD");
  expect(pair("HOLD:follow_leads", -1.31)).toBe("pair.say.ahead");
  expect(pair("ENTRY:follow_leads", -1.6)).toBe("pair.say.ahead");
  expect(pair("SELL", -0.12)).toBe("pair.say.SELL");
});
