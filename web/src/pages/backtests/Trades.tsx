import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import type { Bar, Mark } from "@/charts/runs/marks";
import { barsQuery } from "@/data/queries";
import { runTradesQuery } from "@/data/runs";
import { direction, fixed, signed } from "@/format/numbers";
import { clock, day } from "@/format/times";
import { Card, Delta, EmptyState, Segmented, SelectField, Skeleton, Table, type Column } from "@/ui";
import { Problem } from "./Problem";
import styles from "./Trades.module.css";
import { datesOf, filtered, symbolsOf, tripsOf, type Trip } from "./trips";
import { minutesText } from "./words";

const TradeChart = lazy(() => import("@/charts/runs/TradeChart"));
const ALL = "";

/**
 * Trades as rows and as marks on the prices: what is selected here is selected there. `judged`: the bars that the run
 * rests on, which are stored for sure.
 */
export function Trades({ id, judged }: { id: string; judged: string }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const trades = useQuery(runTradesQuery(id));
  const trips = useMemo(() => tripsOf(trades.data ?? []), [trades.data]);
  const dates = useMemo(() => datesOf(trips), [trips]);
  const symbols = useMemo(() => symbolsOf(trips), [trips]);
  const [asked, setAsked] = useState<{ date: string; symbol: string }>({ date: "newest", symbol: ALL });
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = useRef<HTMLDivElement>(null);
  const prices = useRef<HTMLDivElement>(null);

  const date = asked.date === "newest" ? (dates[0] ?? ALL) : asked.date;
  const shown = useMemo(
    () => filtered(trips, { date: date || null, symbol: asked.symbol || null }),
    [trips, date, asked.symbol],
  );
  const selected = shown.find((trip) => trip.id === chosen) ?? null;
  // The chart shows one symbol: the selected trade's, else the chosen one, else the first.
  const symbol = selected?.symbol ?? (asked.symbol || (shown[0]?.symbol ?? null));
  const chartDate = selected?.date ?? (date || null);

  useEffect(() => {
    const area = rows.current;
    const row = area?.querySelector<HTMLElement>("tr[data-selected='true']");
    if (!area || !row) return;
    const [box, at] = [area.getBoundingClientRect(), row.getBoundingClientRect()];
    if (at.top < box.top + 40 || at.bottom > box.bottom) area.scrollTop += at.top - box.top - box.height / 2;
  }, [chosen]);

  if (trades.error) return <Problem error={trades.error} onRetry={() => void trades.refetch()} />;
  if (trades.isPending) {
    return (
      <Card title={t("backtests.trades.title")}>
        <Skeleton height={300} />
      </Card>
    );
  }
  if (trips.length === 0) {
    return (
      <Card title={t("backtests.trades.title")}>
        <EmptyState title={t("backtests.noTrades")}>{t("backtests.trades.noneAbout")}</EmptyState>
      </Card>
    );
  }

  const columns: Column<Trip>[] = [
    {
      id: "symbol",
      header: t("backtests.trades.symbol"),
      phone: "head",
      sortBy: (trip) => trip.symbol,
      cell: (trip) => (
        <button
          type="button"
          className={styles.row}
          aria-pressed={trip.id === chosen}
          onClick={() => {
            setChosen(trip.id === chosen ? null : trip.id);
            prices.current?.scrollIntoView({ block: "nearest" });
          }}
        >
          <b>{trip.symbol}</b>
          <span className="visually-hidden">{t("backtests.trades.show")}</span>
        </button>
      ),
    },
    ...(date === ALL
      ? [
          {
            id: "date",
            header: t("backtests.day.date"),
            sortBy: (trip: Trip) => trip.date,
            cell: (trip: Trip) => <span className="num">{day(trip.date, i18n.language)}</span>,
          },
        ]
      : []),
    {
      id: "in",
      header: t("backtests.trades.in", { zone: t(`zone.${zone}`) }),
      numeric: true,
      sortBy: (trip) => trip.entry.trade_time,
      cell: (trip) => clock(trip.entry.trade_time, zone, false),
    },
    {
      id: "why",
      header: t("backtests.trades.why"),
      sortBy: (trip) => trip.entry.reason,
      cell: (trip) =>
        t(`backtests.reason.${trip.entry.reason ?? ""}`, { defaultValue: trip.entry.reason ?? "—" }),
    },
    {
      id: "entry",
      phone: "none",
      header: t("backtests.trades.entry"),
      numeric: true,
      sortBy: (trip) => trip.entry.price,
      cell: (trip) => fixed(trip.entry.price),
    },
    {
      id: "out",
      header: t("backtests.trades.out"),
      numeric: true,
      sortBy: (trip) => trip.exit?.trade_time ?? null,
      cell: (trip) => clock(trip.exit?.trade_time, zone, false),
    },
    {
      id: "exitWhy",
      header: t("backtests.trades.exitWhy"),
      sortBy: (trip) => trip.exit?.reason ?? null,
      cell: (trip) =>
        t(`backtests.reason.${trip.exit?.reason ?? ""}`, { defaultValue: trip.exit?.reason ?? "—" }),
    },
    {
      id: "exit",
      phone: "none",
      header: t("backtests.trades.exit"),
      numeric: true,
      sortBy: (trip) => trip.exit?.price ?? null,
      cell: (trip) => fixed(trip.exit?.price),
    },
    {
      id: "holding",
      phone: "none",
      header: t("backtests.trades.holding"),
      numeric: true,
      sortBy: (trip) => trip.minutes,
      cell: (trip) => minutesText(t, trip.minutes),
    },
    {
      id: "amount",
      header: t("backtests.trades.amount"),
      numeric: true,
      phone: "none",
      sortBy: (trip) => trip.entry.amount_usd,
      cell: (trip) => fixed(trip.entry.amount_usd),
    },
    {
      id: "pnl",
      header: t("backtests.trades.pnl"),
      numeric: true,
      sortBy: (trip) => trip.pnlUsd,
      cell: (trip) => (
        <span className="num" data-dir={direction(trip.pnlUsd) ?? undefined}>
          {signed(trip.pnlUsd)}
        </span>
      ),
    },
    {
      id: "pct",
      header: t("backtests.trades.pct"),
      numeric: true,
      sortBy: (trip) => trip.pnlPct,
      cell: (trip) => <Delta value={trip.pnlPct} unit={false} />,
    },
  ];

  return (
    <Card
      flush
      title={t("backtests.trades.title")}
      aside={<span className="muted num">{t("backtests.trades.count", { n: shown.length })}</span>}
    >
      <div className={styles.filters}>
        <SelectField
          label={t("backtests.day.date")}
          value={date}
          onChange={(event) => {
            setAsked({ ...asked, date: event.target.value });
            setChosen(null);
          }}
        >
          <option value={ALL}>{t("backtests.trades.allDays")}</option>
          {dates.map((one) => (
            <option key={one} value={one}>
              {day(one, i18n.language)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={t("backtests.trades.symbol")}
          value={asked.symbol}
          onChange={(event) => {
            setAsked({ ...asked, symbol: event.target.value });
            setChosen(null);
          }}
        >
          <option value={ALL}>{t("common.all")}</option>
          {symbols.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </SelectField>
      </div>
      {symbol !== null && (
        <div ref={prices} className={styles.picture}>
          <Prices
            symbol={symbol}
            date={chartDate}
            judged={judged}
            trips={trips}
            selected={selected?.id ?? null}
            onSelect={(trip) => {
              // On the bars of days a mark may be of another day than the rows show.
              const found = trips.find((one) => one.id === trip);
              if (found && date !== ALL && found.date !== date) setAsked({ ...asked, date: found.date });
              setChosen(trip);
            }}
          />
        </div>
      )}
      <div ref={rows} className={styles.rows}>
        <Table
          caption={t("backtests.trades.title")}
          columns={columns}
          rows={shown}
          keyOf={(trip) => trip.id}
          initialSort={{ id: "in", descending: false }}
          rowProps={(trip) => ({ "data-selected": trip.id === chosen })}
          empty={<EmptyState title={t("backtests.trades.noneHere")} />}
        />
      </div>
    </Card>
  );
}

interface PricesProps {
  symbol: string;
  date: string | null;
  judged: string;
  trips: readonly Trip[];
  selected: string | null;
  onSelect: (id: string | null) => void;
}

const UNITS = ["1m", "5m", "1h", "1d"] as const;

function Prices({ symbol, date, judged, trips, selected, onSelect }: PricesProps) {
  const { t, i18n } = useTranslation();
  const [unit, setUnit] = useState(UNITS.find((one) => one === judged) ?? "1m");
  const interval = date === null ? "1d" : unit;
  const daily = interval === "1d";
  const asked = useQuery(barsQuery(symbol, daily ? null : date, interval));
  const bars = useMemo(
    (): Bar[] =>
      (asked.data?.items ?? []).flatMap((bar): Bar[] => {
        const { open, high, low, close } = bar;
        if (daily) return [{ time: bar.trade_date, open, high, low, close }];
        return bar.start === null ? [] : [{ time: Date.parse(bar.start) / 1000, open, high, low, close }];
      }),
    [asked.data, daily],
  );
  const marks = useMemo(
    () =>
      filtered(trips, { symbol, date: daily ? null : date }).flatMap((trip): Mark[] => [
        { id: trip.id, at: trip.entry.trade_time, date: trip.date, side: "buy", price: trip.entry.price },
        ...(trip.exit
          ? [
              {
                id: trip.id,
                at: trip.exit.trade_time,
                date: trip.exit.trade_date,
                side: "sell" as const,
                price: trip.exit.price,
              },
            ]
          : []),
      ]),
    [trips, symbol, date, daily],
  );
  const words = useMemo(() => ({ buy: t("backtests.trades.buy"), sell: t("backtests.trades.sell") }), [t]);
  const when = daily ? t("backtests.trades.allDays") : day(date, i18n.language);
  return (
    <div className={styles.prices}>
      <div className={styles.head}>
        <h3>
          {symbol} <span className="muted">{when}</span>
        </h3>
        <span className={styles.keys}>
          <span>
            <i data-side="buy" aria-hidden="true">
              ▲
            </i>{" "}
            {words.buy}
          </span>
          <span>
            <i data-side="sell" aria-hidden="true">
              ▼
            </i>{" "}
            {words.sell}
          </span>
        </span>
        {date !== null && (
          <Segmented
            label={t("backtests.trades.unit")}
            value={unit}
            options={UNITS.map((value) => ({ value, label: t(`backtests.interval.${value}`) }))}
            onChange={setUnit}
          />
        )}
      </div>
      {asked.isPending ? (
        <Skeleton height={340} />
      ) : bars.length === 0 ? (
        <EmptyState title={t(asked.error ? "common.failed" : "backtests.trades.noBars")}>
          {!asked.error && !daily && (
            <button type="button" className={styles.link} onClick={() => setUnit("1d")}>
              {t("backtests.trades.showDays")}
            </button>
          )}
        </EmptyState>
      ) : (
        <Suspense fallback={<Skeleton height={340} />}>
          <TradeChart
            bars={bars}
            marks={marks}
            selected={selected}
            onSelect={onSelect}
            words={words}
            label={t("backtests.trades.chartLabel", { symbol, when })}
          />
        </Suspense>
      )}
    </div>
  );
}
