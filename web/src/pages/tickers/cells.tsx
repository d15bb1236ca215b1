// Cells that follow the stream on their own: a quote redraws what it changed and not the table.

import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { TickerInfo } from "@/data/queries";
import { compact, DASH, fixed, signed } from "@/format/numbers";
import { span } from "@/format/times";
import { useWhy } from "@/signals/WhyContext";
import { useModel } from "@/stream/hooks";
import type { Price } from "@/stream/types";
import { Badge, Delta } from "@/ui";
import { Flash } from "@/ui/Flash";
import { distanceOf } from "./rows";
import styles from "./Tickers.module.css";

type NumberField = { [Key in keyof Price]: Price[Key] extends number | null ? Key : never }[keyof Price];

function useField<Key extends keyof Price>(symbol: string, field: Key): Price[Key] | null {
  return useModel((model) => model.prices.get(symbol)?.[field] ?? null);
}

interface OfSymbol {
  symbol: string;
}

export const Name = memo(function Name({ ticker }: { ticker: TickerInfo }) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const state = useField(ticker.symbol, "state") ?? "missing";
  return (
    <button
      type="button"
      className={styles.ticker}
      onClick={() => why({ kind: "ticker", symbol: ticker.symbol })}
    >
      <b>{ticker.symbol}</b>
      <small>{i18n.language === "ko" ? ticker.name_ko : ticker.name_en}</small>
      {state !== "ok" && (
        <Badge tone="unknown" size="s">
          {t(`quote.${state}`)}
        </Badge>
      )}
    </button>
  );
});

export const Last = memo(function Last({ symbol }: OfSymbol) {
  const price = useField(symbol, "price");
  return (
    <Flash value={price}>
      <span className="num">{fixed(price)}</span>
    </Flash>
  );
});

export const Change = memo(function Change({ symbol }: OfSymbol) {
  return <Delta value={useField(symbol, "change_pct")} unit={false} />;
});

export const Quoted = memo(function Quoted({ symbol, field }: OfSymbol & { field: NumberField }) {
  return <span className="num">{fixed(useField(symbol, field))}</span>;
});

export const Range = memo(function Range({ symbol }: OfSymbol) {
  return (
    <span className="num">
      {fixed(useField(symbol, "low"))} – {fixed(useField(symbol, "high"))}
    </span>
  );
});

export const Volume = memo(function Volume({ symbol }: OfSymbol) {
  const { i18n } = useTranslation();
  const text = useModel((model) => compact(model.prices.get(symbol)?.volume, i18n.language));
  return <span className="num">{text}</span>;
});

/** How far down to the stop line, as a number and as a bar that fills while the line comes nearer. */
export const Distance = memo(function Distance({ symbol, stop }: OfSymbol & { stop: number | null }) {
  const { t } = useTranslation();
  const value = distanceOf(useField(symbol, "change_pct"), stop);
  if (value === null) return <span className="num muted">{DASH}</span>;
  const reached = value <= 0;
  return (
    <span className={styles.distance} data-reached={reached}>
      {reached ? (
        <Badge tone="stop" size="s">
          {t("stop.alert")}
        </Badge>
      ) : (
        <meter className={styles.meter} min={0} max={5} value={Math.max(0, 5 - value)} aria-hidden="true" />
      )}
      <span className="num">{signed(-value)}</span>
    </span>
  );
});

export function Age({ ms }: { ms: number | null }) {
  const { t } = useTranslation();
  const age = span(ms, true);
  return <span className="num muted">{age ? t(`time.${age.unit}`, { n: age.text }) : DASH}</span>;
}
