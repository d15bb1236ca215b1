import i18next from "i18next";
import { describe, expect, test } from "vitest";
import ko from "@/i18n/ko/backtests.json";
import { noteText } from "./words";

const i18n = i18next.createInstance();
await i18n.init({
  lng: "ko",
  resources: { ko: { translation: { backtests: ko } } },
  interpolation: { prefix: "{", suffix: "}", escapeValue: false },
});
const said = (note: string) => noteText(i18n.t, note);

describe("why a run failed, as the server says it", () => {
  test("names the span that has no bars", () => {
    const text = said(
      "no bars of 1d between 1990-01-02 and 1990-02-01; `ptj bars coverage` shows what is there",
    );
    expect(text).toBe("1990-01-02 ~ 1990-02-01에는 1d 봉이 한 개도 없습니다. 기간을 바꾸십시오.");
  });

  test("names the intervals that would work", () => {
    const text = said(
      "interval: Yahoo has 1m bars since 2026-11-01 and 2025-01-06 is not stored; for 2025-01-06 would work: 1h, 1d; " +
        "or bring bars of your own: ptj bars import FILE --interval 1m",
    );
    expect(text).toContain("Yahoo에는 1m 봉이 2026-11-01부터만");
    expect(text).toContain("1h, 1d.");
  });

  test.each([
    ["Yahoo does not answer (timed out); try again later, or give the bars as a file", "failedAway"],
    ["PostgreSQL: the connection was refused", "failedAway"],
    ["Yahoo refuses: too many requests; try again in some minutes", "failedTooMany"],
    ["an error of ours; the log tells more", "failedOurs"],
  ] as const)("%s", (note, key) => {
    expect(said(note)).toBe(ko.said[key]);
  });

  test("what is not known stands as it was said", () => {
    expect(said("something new")).toBe("something new");
  });
});
