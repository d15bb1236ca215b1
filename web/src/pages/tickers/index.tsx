import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/app/Loading";
import { useRegistry, type TickerInfo } from "@/data/queries";
import { useConfig, useLoaded, useStream, useSeconds } from "@/stream/hooks";
import type { Model } from "@/stream/model";
import { Card, Page, Segmented, Table, type Column } from "@/ui";
import { Age, Change, Distance, Last, Name, Quoted, Range, Volume } from "./cells";
import { KINDS, distanceOf, kindOf, ageOf, type Kind } from "./rows";

/** What a row is sorted by. The cells follow the stream themselves. */
interface Row {
  ticker: TickerInfo;
  price: number | null;
  change: number | null;
  distance: number | null;
  prevClose: number | null;
  open: number | null;
  volume: number | null;
  ageMs: number | null;
  ok: boolean;
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

function rowOf(ticker: TickerInfo, { prices, pricesAt }: Model, stop: number | null, now: number): Row {
  const quote = prices.get(ticker.symbol) ?? null;
  return {
    ticker,
    price: quote?.price ?? null,
    change: quote?.change_pct ?? null,
    distance: distanceOf(quote?.change_pct, stop),
    prevClose: quote?.prev_close ?? null,
    open: quote?.open ?? null,
    volume: quote?.volume ?? null,
    ageMs: ageOf(quote?.age_ms, pricesAt.get(ticker.symbol), now),
    ok: quote?.state === "ok",
  };
}

function Rows({ tickers }: { tickers: readonly TickerInfo[] }) {
  const { t } = useTranslation();
  const { store } = useStream();
  const stop = useConfig()?.parameters.stop_loss_pct ?? null;
  // The order is looked at once a second: rows that jump with each quote cannot be read.
  const second = useSeconds();
  const rows = tickers.map((ticker) => rowOf(ticker, store.model, stop, second));
  const columns = useMemo<Column<Row>[]>(
    () => [
      {
        id: "symbol",
        header: t("tickers.ticker"),
        phone: "head",
        sortBy: ({ ticker }) => ticker.symbol,
        cell: ({ ticker }) => <Name ticker={ticker} />,
      },
      {
        id: "price",
        header: t("quote.price"),
        numeric: true,
        sortBy: ({ price }) => price,
        cell: ({ ticker }) => <Last symbol={ticker.symbol} />,
      },
      {
        id: "change",
        header: t("quote.change"),
        numeric: true,
        sortBy: ({ change }) => change,
        cell: ({ ticker }) => <Change symbol={ticker.symbol} />,
      },
      {
        id: "distance",
        header: t("stop.distance"),
        numeric: true,
        sortBy: ({ distance }) => distance,
        cell: ({ ticker }) => <Distance symbol={ticker.symbol} stop={stop} />,
      },
      {
        id: "prev",
        header: t("quote.prevClose"),
        numeric: true,
        wide: true,
        phone: "none",
        sortBy: ({ prevClose }) => prevClose,
        cell: ({ ticker }) => <Quoted symbol={ticker.symbol} field="prev_close" />,
      },
      {
        id: "open",
        header: t("quote.open"),
        numeric: true,
        wide: true,
        phone: "none",
        sortBy: ({ open }) => open,
        cell: ({ ticker }) => <Quoted symbol={ticker.symbol} field="open" />,
      },
      {
        id: "range",
        header: t("tickers.range"),
        numeric: true,
        wide: true,
        phone: "none",
        cell: ({ ticker }) => <Range symbol={ticker.symbol} />,
      },
      {
        id: "volume",
        header: t("quote.volume"),
        numeric: true,
        sortBy: ({ volume }) => volume,
        cell: ({ ticker }) => <Volume symbol={ticker.symbol} />,
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
    [t, stop],
  );
  return (
    <Card flush>
      <Table
        caption={t("nav.tickers")}
        columns={columns}
        rows={rows}
        keyOf={({ ticker }) => ticker.symbol}
        rowProps={({ ok }) => ({ "data-muted": !ok })}
      />
    </Card>
  );
}
