import { useTranslation } from "react-i18next";
import type { DayRow, Result, Tally } from "@/data/runs";
import { count, direction, fixed, share, signed } from "@/format/numbers";
import { day } from "@/format/times";
import { signalOf } from "@/signals/words";
import { Badge, Delta, EmptyState, Table, type Column } from "@/ui";
import { minutesText } from "./words";

type Row = Tally & { id: string; name: string };

const money = (value: number) => (
  <span className="num" data-dir={direction(value) ?? undefined}>
    {signed(value)}
  </span>
);

/** Exits that have something in common: why they were bought, why sold, what of. */
export function TallyTable({
  caption,
  tallies,
  names,
}: {
  caption: string;
  tallies: Readonly<Record<string, Tally>>;
  names: "reason" | null;
}) {
  const { t } = useTranslation();
  const rows: Row[] = Object.entries(tallies).map(([id, tally]) => ({
    ...tally,
    id,
    name: names === null ? id : t(`backtests.reason.${id}`, { defaultValue: id }),
  }));
  const columns: Column<Row>[] = [
    {
      id: "name",
      header: t("backtests.tally.what"),
      phone: "head",
      sortBy: (row) => row.name,
      cell: (row) => <b>{row.name}</b>,
    },
    {
      id: "count",
      header: t("backtests.tally.count"),
      numeric: true,
      sortBy: (row) => row.count,
      cell: (row) => count(row.count),
    },
    {
      id: "pnl",
      header: t("backtests.tally.pnl"),
      numeric: true,
      sortBy: (row) => row.pnl_usd,
      cell: (row) => money(row.pnl_usd),
    },
    {
      id: "wins",
      header: t("backtests.tally.wins"),
      numeric: true,
      sortBy: (row) => row.win_rate_pct,
      cell: (row) => share(row.win_rate_pct),
    },
    {
      id: "average",
      header: t("backtests.tally.average"),
      numeric: true,
      sortBy: (row) => row.average_pnl_pct,
      cell: (row) => <Delta value={row.average_pnl_pct} unit={false} />,
    },
    {
      id: "holding",
      header: t("backtests.tally.holding"),
      numeric: true,
      sortBy: (row) => row.average_holding_minutes,
      cell: (row) => minutesText(t, row.average_holding_minutes),
    },
  ];
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={rows}
      keyOf={(row) => row.id}
      initialSort={{ id: "pnl", descending: true }}
      empty={<EmptyState title={t("backtests.noTrades")} />}
    />
  );
}

/** How often each signal changed, and how often that called for something. */
export function SignalTable({ signals }: { signals: Result["signals"] }) {
  const { t } = useTranslation();
  const rows = Object.entries(signals).map(([type, tally]) => ({ type, ...tally }));
  const columns: Column<(typeof rows)[number]>[] = [
    {
      id: "type",
      header: t("backtests.tally.signal"),
      phone: "head",
      cell: (row) => <b>{signalOf(t, row.type)}</b>,
    },
    {
      id: "events",
      header: t("backtests.tally.events"),
      numeric: true,
      sortBy: (row) => row.events,
      cell: (row) => count(row.events),
    },
    {
      id: "actionable",
      header: t("backtests.tally.actionable"),
      numeric: true,
      sortBy: (row) => row.actionable,
      cell: (row) => count(row.actionable),
    },
    {
      id: "share",
      header: t("backtests.tally.share"),
      numeric: true,
      sortBy: (row) => (row.events ? row.actionable / row.events : null),
      cell: (row) => share(row.events ? (100 * row.actionable) / row.events : null),
    },
  ];
  return <Table caption={t("backtests.bySignal")} columns={columns} rows={rows} keyOf={(row) => row.type} />;
}

export function DayTable({ days, benchmark }: { days: readonly DayRow[]; benchmark: string | null }) {
  const { t, i18n } = useTranslation();
  const columns: Column<DayRow>[] = [
    {
      id: "date",
      header: t("backtests.day.date"),
      phone: "head",
      sortBy: (row) => row.trade_date,
      cell: (row) => <b className="num">{day(row.trade_date, i18n.language)}</b>,
    },
    {
      id: "gold",
      header: t("backtests.day.gold"),
      numeric: true,
      sortBy: (row) => row.gold_change_pct,
      cell: (row) => <Delta value={row.gold_change_pct} unit={false} />,
    },
    {
      id: "banned",
      header: t("backtests.day.gate"),
      cell: (row) =>
        row.banned === null ? (
          <Badge tone="unknown" size="s">
            {t("backtests.day.undecided")}
          </Badge>
        ) : (
          <Badge tone={row.banned ? "ban" : "ok"} size="s">
            {t(row.banned ? "backtests.day.banned" : "backtests.day.allowed")}
          </Badge>
        ),
    },
    {
      id: "buys",
      header: t("backtests.day.buys"),
      numeric: true,
      sortBy: (row) => row.buys,
      cell: (row) => count(row.buys),
    },
    {
      id: "sells",
      header: t("backtests.day.sells"),
      numeric: true,
      sortBy: (row) => row.sells,
      cell: (row) => count(row.sells),
    },
    {
      id: "pnl",
      header: t("backtests.day.pnl"),
      numeric: true,
      sortBy: (row) => row.pnl_usd,
      cell: (row) => money(row.pnl_usd),
    },
    {
      id: "return",
      header: t("backtests.day.return"),
      numeric: true,
      sortBy: (row) => row.return_pct,
      cell: (row) => <Delta value={row.return_pct} unit={false} />,
    },
    {
      id: "equity",
      header: t("backtests.day.equity"),
      numeric: true,
      sortBy: (row) => row.equity_usd,
      cell: (row) => fixed(row.equity_usd),
    },
    ...(benchmark === null
      ? []
      : [
          {
            id: "benchmark",
            header: `${benchmark} USD`,
            numeric: true,
            sortBy: (row: DayRow) => row.benchmark_usd,
            cell: (row: DayRow) => fixed(row.benchmark_usd),
          },
        ]),
    {
      id: "missing",
      header: t("backtests.day.missing"),
      numeric: true,
      phone: "none",
      sortBy: (row) => row.missing_symbol_bars,
      cell: (row) => count(row.missing_symbol_bars),
    },
  ];
  return (
    <Table caption={t("backtests.byDay")} columns={columns} rows={days} keyOf={(row) => row.trade_date} />
  );
}
