// Verdicts and their reasons as sentences of the reader's language. The server's own message is in Korean only.

import type { TFunction } from "i18next";
import { percent, plain, signed } from "@/format/numbers";
import type { Registry } from "@/data/queries";
import type { SignalData, SignalView, Verdict } from "@/stream/types";
import { flagOf, lackingOf, numberOf, picksOf, recordOf, textOf, triggersOf } from "./data";
import { isPending, type Shown } from "./verdict";

/** The word on a badge. */
export const wordOf = (t: TFunction, look: Shown): string => look.plain ?? t(look.word);

/** `R1`, `session` … as people say it. A code nobody translated is shown as it is. */
export const reasonOf = (t: TFunction, code: string): string => t(`reason.${code}`, { defaultValue: code });
export const reasonsOf = (t: TFunction, codes: readonly string[]): string =>
  codes.map((code) => reasonOf(t, code)).join(" · ");

/** What a subject is called. */
export function subjectOf(
  t: TFunction,
  type: string,
  subject: string,
  registry: Registry | undefined,
): string {
  if (type === "twin_pairs") {
    const pair = registry?.pairs.find((one) => one.key === subject);
    return pair ? `${pair.lead} → ${pair.follow}` : subject;
  }
  return type === "bearish" ? t("bear.title") : subject;
}

/** The name of a signal: ours by catalogue, a plug-in's by its own title. */
export function signalOf(
  t: TFunction,
  type: string,
  titles?: { title_ko: string; title_en: string },
  language = "ko",
): string {
  const own = titles ? (language === "ko" ? titles.title_ko : titles.title_en) : type;
  return t(`signal.${type}`, { defaultValue: own || type });
}

interface Told {
  signal_type: string;
  subject: string;
  verdict: Verdict | null;
  data: SignalData;
}

/** Why it is so, in one line. */
export function sentenceOf(t: TFunction, { signal_type: type, subject, verdict, data }: Told): string {
  if (!verdict || verdict.state !== "ok") {
    const lacking = lackingOf(data);
    return lacking.length > 0
      ? t("why.lackingOf", { symbols: lacking.join(", ") })
      : t(`why.state.${verdict?.state ?? "none"}`);
  }
  const thresholds = recordOf(data, "thresholds");
  switch (type) {
    case "twin_pairs": {
      const [gap, band] = [numberOf(data, "gap"), numberOf(thresholds, "pair_gap_sell_threshold")];
      const values = {
        gap: signed(gap),
        follow: textOf(data, "follow") ?? subject,
        lead: textOf(data, "lead") ?? subject,
        entry: plain(numberOf(thresholds, "pair_gap_entry_threshold")),
        sell: plain(band),
      };
      const [signal, side] = (verdict.decision ?? "").split(":");
      if (signal === "ENTRY") return t(side === "follow_leads" ? "pair.say.ahead" : "pair.say.ENTRY", values);
      if (signal === "SELL") return t("pair.say.SELL", values);
      return t(gap !== null && band !== null && gap < -band ? "pair.say.ahead" : "pair.say.HOLD", values);
    }
    case "conditional": {
      const triggers = triggersOf(data, Object.keys(recordOf(data, "triggers")));
      const target = textOf(data, "target") ?? subject;
      const flat = triggers.filter((one) => one.positive !== true).map((one) => one.symbol);
      if (verdict.decision === "met") return t("cond.say.met", { target });
      return flat.length > 0 ? t("cond.say.unmet", { symbols: flat.join(", ") }) : t("cond.say.confirming");
    }
    case "stop_loss": {
      const values = {
        symbol: subject,
        change: percent(numberOf(data, "change_pct")),
        stop: percent(numberOf(thresholds, "stop_loss_pct")),
      };
      return t(verdict.decision === "alert" ? "stop.say.alert" : "stop.say.clear", values);
    }
    case "bearish": {
      const values = {
        spy: percent(numberOf(data, "spy_pct")),
        qqq: percent(numberOf(data, "qqq_pct")),
        picks: picksOf(data)
          .map((one) => one.symbol)
          .join(", "),
      };
      return t(`bear.say.${verdict.decision ?? "normal"}`, values);
    }
    case "gold": {
      const [now, day] = (verdict.decision ?? "").split(":");
      const values = { change: percent(numberOf(data, "change_pct")) };
      if (day === "banned")
        return t(flagOf(data, "late") === true ? "gold.say.bannedLate" : "gold.say.banned", values);
      if (day === "pending") return t(now === "warning" ? "gold.say.pendingUp" : "gold.say.pending", values);
      return t(now === "warning" ? "gold.say.allowedUp" : "gold.say.allowed", values);
    }
    default:
      return textOf(data, "message") ?? "";
  }
}

export const sentenceOfView = (t: TFunction, view: SignalView | null): string => {
  if (!view) return t("why.state.none");
  return isPending(view) ? t("why.pending") : sentenceOf(t, view);
};
