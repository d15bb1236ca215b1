import { useTranslation } from "react-i18next";
import { useRegistry } from "@/data/queries";
import { DASH } from "@/format/numbers";
import { span } from "@/format/times";
import { signalOf } from "@/signals/words";
import { Badge, Card, Table, type BadgeTone, type Column } from "@/ui";
import type { QuoteState } from "@/stream/types";
import styles from "./index.module.css";
import type { Health } from "./health";

interface Row {
  symbol: string;
  name: string;
  state: QuoteState;
  ageMs: number | null;
  reason: string | null;
  rules: readonly string[];
}

const TONES: Readonly<Record<QuoteState, BadgeTone>> = {
  ok: "ok",
  stale: "warn",
  suspect: "warn",
  missing: "bad",
};
const ORDER: readonly QuoteState[] = ["missing", "suspect", "stale", "ok"];

/** Each ticker: whether its quote can be relied on, how old it is, and which signals wait for it if not. */
export function Tickers({ health, reachable }: { health: Health; reachable: boolean }) {
  const { t, i18n } = useTranslation();
  const registry = useRegistry();
  const rows: Row[] = Object.entries(health.tickers).map(([symbol, { state, age_ms: ageMs, reason }]) => {
    const info = registry?.tickers.find((one) => one.symbol === symbol);
    const name = (i18n.language === "ko" ? info?.name_ko : info?.name_en) ?? "";
    return { symbol, name, state, ageMs, reason, rules: info?.rules ?? [] };
  });
  const ok = rows.filter((row) => row.state === "ok").length;
  const meaning = (row: Row) =>
    row.state === "ok"
      ? t("health.ticker.ok")
      : t(`health.ticker.${row.state}`, {
          rules: row.rules.map((rule) => signalOf(t, rule)).join(", ") || DASH,
        });
  const columns: readonly Column<Row>[] = [
    {
      id: "symbol",
      header: t("health.column.symbol"),
      phone: "head",
      sortBy: (row) => row.symbol,
      cell: (row) => (
        <span className={styles.symbol}>
          <b>{row.symbol}</b> <span className="muted">{row.name}</span>
        </span>
      ),
    },
    {
      id: "state",
      header: t("health.column.state"),
      sortBy: (row) => ORDER.indexOf(row.state),
      cell: (row) => (
        <Badge tone={TONES[row.state]} stale={!reachable} size="s">
          {t(`quote.${row.state}`)}
        </Badge>
      ),
    },
    {
      id: "age",
      header: t("health.column.age"),
      numeric: true,
      sortBy: (row) => row.ageMs,
      cell: (row) => {
        const age = span(row.ageMs, true);
        return <span className="num">{age ? t(`time.${age.unit}`, { n: age.text }) : DASH}</span>;
      },
    },
    {
      id: "meaning",
      header: t("health.column.meaning"),
      phone: "head",
      cell: (row) => (
        <span className={styles.words} data-fine={row.state === "ok"}>
          {meaning(row)}
          {row.reason !== null && <span className="muted"> ({row.reason})</span>}
        </span>
      ),
    },
  ];
  return (
    <Card
      flush
      data-part="tickers"
      title={t("health.tickers")}
      aside={<span className="muted num">{t("health.okOf", { ok, all: rows.length })}</span>}
    >
      <Table
        caption={t("health.tickers")}
        columns={columns}
        rows={rows}
        keyOf={(row) => row.symbol}
        rowProps={(row) => ({ "data-muted": row.state !== "ok" })}
      />
    </Card>
  );
}
