import { useTranslation } from "react-i18next";
import type { Registry } from "@/data/queries";
import { fixed } from "@/format/numbers";
import { useWhy } from "@/signals/WhyContext";
import { usePrice } from "@/stream/hooks";
import { Delta } from "@/ui";
import { Flash } from "@/ui/Flash";
import styles from "./Overview.module.css";

/** All tickers at a glance. */
export function PriceStrip({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="prices" className={styles.prices}>
      <h2 id="prices">{t("overview.prices")}</h2>
      <ul>
        {registry.tickers.map((ticker) => (
          <Tile key={ticker.symbol} symbol={ticker.symbol} />
        ))}
      </ul>
    </section>
  );
}

function Tile({ symbol }: { symbol: string }) {
  const { t } = useTranslation();
  const price = usePrice(symbol);
  const why = useWhy();
  const state = price?.state ?? "missing";
  return (
    <li>
      <button
        type="button"
        className={styles.tile}
        data-current={state === "ok" ? undefined : "false"}
        onClick={() => why({ kind: "ticker", symbol })}
      >
        <span className={styles.symbol}>
          <b>{symbol}</b>
          {state !== "ok" && <small>{t(`quote.${state}`)}</small>}
        </span>
        <Flash value={price?.price ?? null}>
          <span className="num">{fixed(price?.price)}</span>
        </Flash>
        <Delta value={price?.change_pct} />
      </button>
    </li>
  );
}
