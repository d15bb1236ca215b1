import { useQueries } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Curve } from "@/charts/runs/CurvesChart";
import { resultOf, runQuery, type Metrics, type Result, type RunWhole } from "@/data/runs";
import { count, direction, fixed, percent, share, signed } from "@/format/numbers";
import { Button, Card, EmptyState, Page, Skeleton } from "@/ui";
import styles from "./Comparison.module.css";
import { Demo } from "./Demo";
import { Problem } from "./Problem";
import { differing } from "./compare";
import { minutesText, parameterName, settingText, spanText } from "./words";

const CurvesChart = lazy(() => import("@/charts/runs/CurvesChart"));

interface Compared {
  run: RunWhole;
  result: Result;
}

type Figure = readonly [
  name: string,
  value: (metrics: Metrics) => number | null,
  text: (value: number | null) => string,
];

const negative = (value: number | null) => (value === null ? null : -value);

const FIGURES: readonly Figure[] = [
  ["returnShort", (m) => m.total_return_pct, percent],
  ["final", (m) => m.final_equity_usd, fixed],
  ["mdd", (m) => negative(m.mdd_pct), percent],
  ["intradayMdd", (m) => negative(m.intraday_mdd_pct), percent],
  ["sharpe", (m) => m.sharpe, signed],
  ["volatility", (m) => m.volatility_pct, share],
  ["trades", (m) => m.sells, count],
  ["wins", (m) => m.win_rate_pct, share],
  ["profitFactor", (m) => m.profit_factor, fixed],
  ["average", (m) => m.average_pnl_pct, percent],
  ["exposure", (m) => m.exposure_pct, share],
  ["stops", (m) => m.stop_loss_count, count],
  ["banned", (m) => m.banned_days, count],
  ["fees", (m) => m.fees.total_usd, fixed],
];

/** Runs side by side: what they came to, and in what they differ. The first is what the others are laid against. */
export default function Comparison({ ids, onClose }: { ids: readonly string[]; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const asked = useQueries({ queries: ids.map((id) => runQuery(id)) });
  const found = asked.flatMap(({ data }): Compared[] => {
    const result = data ? resultOf(data) : null;
    return data && result ? [{ run: data, result }] : [];
  });
  const pending = asked.some((one) => one.isPending);
  const error = asked.find((one) => one.error)?.error;
  const curves = useCurves(found);
  const names = differing(found.map(({ result }) => result.parameters));
  const rows: [string, (one: Compared) => string][] = [
    [t("backtests.column.span"), ({ result }) => spanText(result.start, result.end, i18n.language)],
    [t("backtests.column.interval"), ({ result }) => t(`backtests.interval.${result.data_quality.interval}`)],
    [t("backtests.column.model"), ({ result }) => t(`backtests.model.${result.model}`)],
    [t("backtests.form.fees"), ({ result: { fees } }) => percentOf(fees.commission_pct + fees.fx_spread_pct)],
    ...names.map((name): [string, (one: Compared) => string] => [
      parameterName(t, name),
      ({ result }) => settingText(t, name, result.parameters?.[name]),
    ]),
  ];
  const first = found[0];
  return (
    <Page
      title={t("backtests.comparison.title")}
      about={t("backtests.comparison.about")}
      actions={
        <>
          <Demo demo={found.some(({ run }) => run.demo)} />
          <Button icon="close" onClick={onClose}>
            {t("backtests.all")}
          </Button>
        </>
      }
    >
      {error && <Problem error={error} />}
      {pending ? (
        <Card>
          <Skeleton height={420} />
        </Card>
      ) : !first ? (
        <EmptyState title={t("backtests.noResult")} />
      ) : (
        <>
          {curves.some((curve) => curve.points.length > 0) && (
            <Card flush title={t("backtests.comparison.curves")}>
              <Suspense fallback={<Skeleton height={340} />}>
                <CurvesChart curves={curves} label={t("backtests.comparison.curves")} />
              </Suspense>
            </Card>
          )}
          <Card flush>
            <div
              className={styles.scroll}
              role="region"
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls: the keyboard must reach it
              tabIndex={0}
              aria-label={t("backtests.comparison.title")}
            >
              <table className={styles.table}>
                <caption className="visually-hidden">{t("backtests.comparison.title")}</caption>
                <thead>
                  <tr>
                    <td />
                    {found.map(({ run }, i) => (
                      <th key={run.run_id} scope="col">
                        <i className={styles.key} data-series={i} aria-hidden="true" />
                        <Link to={`/backtests/${run.run_id}`}>
                          {nameOf(i)} <small>{run.run_id.slice(0, 6)}</small>
                        </Link>
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {FIGURES.map(([name, valueOf, text]) => (
                    <tr key={name}>
                      <th scope="row">{t(`backtests.figure.${name}`)}</th>
                      {found.map((one) => (
                        <Cell
                          key={one.run.run_id}
                          one={one}
                          first={first}
                          valueOf={valueOf}
                          text={text}
                          coloured={name === "returnShort"}
                        />
                      ))}
                    </tr>
                  ))}
                  <tr>
                    <th scope="row">{t("backtests.figure.holding")}</th>
                    {found.map(({ run, result }) => (
                      <td key={run.run_id}>
                        {minutesText(t, result.portfolio?.metrics.average_holding_minutes)}
                      </td>
                    ))}
                  </tr>
                  {rows.map(([label, textOf]) => (
                    <tr key={label} data-differs={new Set(found.map(textOf)).size > 1}>
                      <th scope="row">{label}</th>
                      {found.map((one) => (
                        <td key={one.run.run_id}>{textOf(one)}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </Card>
        </>
      )}
    </Page>
  );
}

/** What a run is called here: A, B, C, D. */
const nameOf = (i: number) => String.fromCharCode(65 + i);

const percentOf = (value: number) => `${fixed(value)}%`;

interface CellProps {
  one: Compared;
  first: Compared;
  valueOf: (metrics: Metrics) => number | null;
  text: (value: number | null) => string;
  coloured: boolean;
}

/** A figure, and below it how far it is from the first run's. */
function Cell({ one, first, valueOf, text, coloured }: CellProps) {
  const metrics = one.result.portfolio?.metrics;
  const base = first.result.portfolio?.metrics;
  const value = metrics ? valueOf(metrics) : null;
  const known = base ? valueOf(base) : null;
  const { t } = useTranslation();
  const unit = text === percent || text === share ? t("pair.points") : "";
  const away = value === null || known === null || value === known ? null : value - known;
  return (
    <td>
      <span data-dir={coloured ? (direction(value) ?? undefined) : undefined}>{text(value)}</span>
      {away !== null && (
        <span className={styles.away}>
          {signed(away, Number.isInteger(away) ? 0 : 2)}
          {unit}
        </span>
      )}
    </td>
  );
}

/**
 * Equity in percent of the capital; the first date's return is against the capital, as everywhere. A run without a
 * portfolio has an empty curve, so that the others keep the colours of their columns.
 */
function useCurves(found: readonly Compared[]): Curve[] {
  const key = found.map(({ run }) => run.run_id).join(",");
  return useMemo(
    () =>
      found.map(({ run, result }, i) => ({
        id: run.run_id,
        label: nameOf(i),
        points: (result.portfolio?.days ?? []).map((day) => ({
          date: day.trade_date,
          value: 100 * (day.equity_usd / result.initial_capital_usd - 1),
        })),
      })),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a finished run does not change
    [key],
  );
}
