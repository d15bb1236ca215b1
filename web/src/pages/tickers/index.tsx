import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/app/Loading";
import { useRegistry, type TickerInfo } from "@/data/queries";
import { compact, DASH, fixed, signed } from "@/format/numbers";
import { span } from "@/format/times";
import { useWhy } from "@/signals/WhyContext";
import { sameItems, useConfig, useLoaded, useModel, useTicking } from "@/stream/hooks";
import { now as nowOf, type Price } from "@/stream/types";
import { Badge, Card, Delta, Page, Segmented, Table, type Column } from "@/ui";
import { Flash } from "@/ui/Flash";
import { KINDS, distanceOf, kindOf, seenAges, type Kind } from "./rows";
import styles from "./Tickers.module.css";

interface Row {
  ticker: TickerInfo;
  price: Price | null;
  /** Percentage points down to the stop line; negative beyond it. */
  distance: number | null;
  ageMs: number | null;
}

export default function Tickers() {
  const { t } = useTranslation();
  const registry = useRegistry();
  const loaded = useLoaded();
  const [kind, setKind] = useState<Kind>("all");
  if (!loaded || !registry) return <Loading />;
  return (
    <Page
      title={t("nav.tickers")}
      about={t("tickers.about", { n: registry.tickers.length })}
      actions={
        <Segmented
          label={t("tickers.filter")}
          value={kind}
          options={KINDS.map((value) => ({ value, label: t(`tickers.kind.${value}`) }))}
          onChange={setKind}
        />
      }
    >
      <Rows tickers={registry.tickers.filter((ticker) => kind === "all" || kindOf(ticker) === kind)} />
    </Page>
  );
}

function Rows({ tickers }: { tickers: readonly TickerInfo[] }) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const now = useTicking(1000);
  const stop = useConfig()?.parameters.stop_loss_pct ?? null;
  const prices = useModel(
    (model) => tickers.map((ticker) => model.prices.get(ticker.symbol) ?? null),
    sameItems,
  );
  const ages = seenAges(prices, Math.max(now, nowOf()));
  const rows: Row[] = tickers.map((ticker, i) => {
    const price = prices[i] ?? null;
    return { ticker, price, distance: distanceOf(price?.change_pct, stop), ageMs: ages[i] ?? null };
  });
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        id: "symbol",
        header: t("tickers.ticker"),
        phone: "head",
        sortBy: ({ ticker }) => ticker.symbol,
        cell: ({ ticker, price }) => (
          <button
            type="button"
            className={styles.ticker}
            onClick={() => why({ kind: "ticker", symbol: ticker.symbol })}
          >
            <b>{ticker.symbol}</b>
            <small>{i18n.language === "ko" ? ticker.name_ko : ticker.name_en}</small>
            {price?.state !== "ok" && (
              <Badge tone="unknown" size="s">
                {t(`quote.${price?.state ?? "missing"}`)}
              </Badge>
            )}
          </button>
        ),
      },
      {
        id: "price",
        header: t("quote.price"),
        numeric: true,
        sortBy: ({ price }) => price?.price ?? null,
        cell: ({ price }) => (
          <Flash value={price?.price ?? null}>
            <span className="num">{fixed(price?.price)}</span>
          </Flash>
        ),
      },
      {
        id: "change",
        header: t("quote.change"),
        numeric: true,
        sortBy: ({ price }) => price?.change_pct ?? null,
        cell: ({ price }) => <Delta value={price?.change_pct} unit={false} />,
      },
      {
        id: "distance",
        header: t("stop.distance"),
        numeric: true,
        sortBy: ({ distance }) => distance,
        cell: ({ distance, price }) => <Distance value={distance} change={price?.change_pct ?? null} />,
      },
      {
        id: "prev",
        wide: true,
        header: t("quote.prevClose"),
        numeric: true,
        phone: "none",
        sortBy: ({ price }) => price?.prev_close ?? null,
        cell: ({ price }) => <span className="num">{fixed(price?.prev_close)}</span>,
      },
      {
        id: "open",
        wide: true,
        header: t("quote.open"),
        numeric: true,
        phone: "none",
        sortBy: ({ price }) => price?.open ?? null,
        cell: ({ price }) => <span className="num">{fixed(price?.open)}</span>,
      },
      {
        id: "range",
        wide: true,
        header: t("tickers.range"),
        numeric: true,
        phone: "none",
        cell: ({ price }) => (
          <span className="num">
            {fixed(price?.low)} – {fixed(price?.high)}
          </span>
        ),
      },
      {
        id: "volume",
        header: t("quote.volume"),
        numeric: true,
        sortBy: ({ price }) => price?.volume ?? null,
        cell: ({ price }) => <span className="num">{compact(price?.volume, i18n.language)}</span>,
      },
      {
        id: "age",
        header: t("tickers.age"),
        numeric: true,
        phone: "none",
        sortBy: ({ ageMs }) => ageMs,
        cell: ({ ageMs }) => <Age ms={ageMs} />,
      },
    ],
    [t, i18n.language, why],
  );
  return (
    <Card flush className={styles.card}>
      <Table
        caption={t("nav.tickers")}
        columns={columns}
        rows={rows}
        keyOf={({ ticker }) => ticker.symbol}
        rowProps={({ price }) => ({ "data-muted": price?.state !== "ok" })}
      />
    </Card>
  );
}

function Age({ ms }: { ms: number | null }) {
  const { t } = useTranslation();
  const age = span(ms, true);
  return <span className="num muted">{age ? t(`time.${age.unit}`, { n: age.text }) : DASH}</span>;
}

/** How far down to the stop line, as a number and as a bar that fills while the line comes nearer. */
function Distance({ value, change }: { value: number | null; change: number | null }) {
  const { t } = useTranslation();
  if (value === null || change === null) return <span className="num muted">{DASH}</span>;
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
}
