import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import {
  lanesQuery,
  reportOf,
  resultOf,
  runTradesQuery,
  sweepOf,
  type Lane,
  type RunTrade,
  type RunWhole,
} from "@/data/runs";
import { Button } from "@/ui";
import styles from "./Downloads.module.css";
import { csvOf, download } from "./csv";
import { problemText } from "./problems";

const COLUMNS = [
  "trade_time",
  "trade_date",
  "symbol",
  "action",
  "price",
  "quantity",
  "amount_usd",
  "fee_usd",
  "pnl_usd",
  "reason",
  "trade_id",
  "entry_event_id",
] as const satisfies readonly (keyof RunTrade)[];

/** The run as files: a report for people, all of it as JSON, its trades or parameter sets as a table. */
export function Downloads({ run }: { run: RunWhole }) {
  const { t } = useTranslation();
  const finished = run.status === "finished";
  const sweep = finished && sweepOf(run) !== null;
  const traded = finished && resultOf(run)?.portfolio != null;
  const trades = useQuery(runTradesQuery(run.run_id, traded));
  const lanes = useQuery(lanesQuery(run.run_id, sweep));
  const name = `ptj-${run.kind}-${run.request.start}-${run.request.end}-${run.run_id}`;
  const report = useMutation({
    mutationFn: () => reportOf(run.run_id),
    onSuccess: (page) => download(`${name}.html`, page, "text/html"),
  });
  if (!finished) return null;
  const table = () => {
    if (sweep) return lanesCsv(lanes.data ?? []);
    return csvOf(
      COLUMNS,
      (trades.data ?? []).map((trade) => COLUMNS.map((column) => trade[column])),
    );
  };
  return (
    <>
      <Button icon="download" disabled={report.isPending} onClick={() => report.mutate()}>
        {t("backtests.html")}
      </Button>
      {(traded || sweep) && (
        <Button
          icon="download"
          disabled={traded ? !trades.data : !lanes.data}
          onClick={() => download(`${name}.csv`, table(), "text/csv")}
        >
          {t(sweep ? "backtests.csvLanes" : "backtests.csv")}
        </Button>
      )}
      <Button
        icon="download"
        onClick={() =>
          download(
            `${name}.json`,
            JSON.stringify({ ...run, trades: trades.data, lanes: lanes.data }, null, 2),
            "application/json",
          )
        }
      >
        JSON
      </Button>
      {report.error && (
        <p className={styles.fault} role="alert">
          {problemText(t, report.error)}
        </p>
      )}
    </>
  );
}

function lanesCsv(lanes: readonly Lane[]): string {
  const parameters = [...new Set(lanes.flatMap((lane) => Object.keys(lane.parameters)))];
  const metrics = [
    "total_return_pct",
    "final_equity_usd",
    "mdd_pct",
    "sharpe",
    "win_rate_pct",
    "profit_factor",
    "fees_usd",
    "sells",
    "stop_loss_count",
    "days",
  ] as const;
  return csvOf(
    [...parameters, ...metrics],
    lanes.map((lane) => [
      ...parameters.map((name) => (typeof lane.parameters[name] === "number" ? lane.parameters[name] : null)),
      ...metrics.map((name) => lane.metrics[name]),
    ]),
  );
}
