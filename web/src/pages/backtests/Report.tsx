import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { get } from "@/data/api";
import type { components } from "@/generated/api";
import type { Portfolio, Result, RunWhole } from "@/data/runs";
import { count, DASH, direction, fixed, percent, share, signed, usd } from "@/format/numbers";
import { Card, EmptyState, Skeleton, Stat, Stats } from "@/ui";
import { DayTable, SignalTable, TallyTable } from "./Breakdown";
import { Quality, Settings } from "./Grounds";
import styles from "./Report.module.css";
import { Trades } from "./Trades";
import { minutesText, noteText } from "./words";

const EquityChart = lazy(() => import("@/charts/runs/EquityChart"));

/** What a backtest came to. */
export function Report({ run, result }: { run: RunWhole; result: Result }) {
  const { t } = useTranslation();
  const { portfolio } = result;
  return (
    <>
      {portfolio ? (
        <>
          <Headline portfolio={portfolio} />
          <EquityCard id={run.run_id} portfolio={portfolio} />
          <Trades id={run.run_id} judged={result.data_quality.interval} />
          <div className={styles.halves}>
            <Card flush title={t("backtests.byEntry")}>
              <TallyTable caption={t("backtests.byEntry")} tallies={portfolio.by_entry} names="reason" />
            </Card>
            <Card flush title={t("backtests.byExit")}>
              <TallyTable caption={t("backtests.byExit")} tallies={portfolio.by_exit} names="reason" />
            </Card>
            <Card flush title={t("backtests.bySymbol")}>
              <TallyTable caption={t("backtests.bySymbol")} tallies={portfolio.by_symbol} names={null} />
            </Card>
            <Card flush title={t("backtests.bySignal")}>
              <SignalTable signals={result.signals} />
            </Card>
          </div>
          <Card flush title={t("backtests.byDay")}>
            <DayTable days={portfolio.days} benchmark={portfolio.benchmark?.symbol ?? null} />
          </Card>
        </>
      ) : (
        <>
          <Card>
            <EmptyState icon="info" title={t("backtests.noPortfolio")}>
              <p>{noteText(t, result.no_portfolio_because)}</p>
            </EmptyState>
          </Card>
          <Card flush title={t("backtests.bySignal")}>
            <SignalTable signals={result.signals} />
          </Card>
        </>
      )}
      <div className={styles.halves}>
        <Quality quality={result.data_quality} result={result} />
        <Settings run={run} result={result} />
      </div>
    </>
  );
}

function Headline({ portfolio }: { portfolio: Portfolio }) {
  const { t } = useTranslation();
  const { metrics, benchmark, twin } = portfolio;
  return (
    <Card>
      <div className={styles.headline}>
        <div className={styles.verdict}>
          <p className="muted">{t("backtests.figure.return")}</p>
          <p className={styles.big} data-dir={direction(metrics.total_return_pct) ?? undefined}>
            <span className="num">{percent(metrics.total_return_pct)}</span>
          </p>
          <p className="num">
            {usd(metrics.initial_capital_usd)} → <b>{usd(metrics.final_equity_usd)}</b>
          </p>
        </div>
        <table className={styles.beside}>
          <caption className="visually-hidden">{t("backtests.figure.beside")}</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="visually-hidden">{t("backtests.figure.figure")}</span>
              </th>
              <th scope="col">{t("backtests.figure.run")}</th>
              {benchmark && (
                <th scope="col">{t("backtests.figure.benchmark", { symbol: benchmark.symbol })}</th>
              )}
              {twin && (
                <th scope="col">
                  {t(twin.fees_usd === 0 ? "backtests.figure.feesOff" : "backtests.figure.feesOn")}
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{t("backtests.figure.returnShort")}</th>
              <td data-dir={direction(metrics.total_return_pct) ?? undefined}>
                {percent(metrics.total_return_pct)}
              </td>
              {benchmark && (
                <td data-dir={direction(benchmark.total_return_pct) ?? undefined}>
                  {percent(benchmark.total_return_pct)}
                </td>
              )}
              {twin && (
                <td data-dir={direction(twin.total_return_pct) ?? undefined}>
                  {percent(twin.total_return_pct)}
                </td>
              )}
            </tr>
            <tr>
              <th scope="row">{t("backtests.figure.final")}</th>
              <td>{fixed(metrics.final_equity_usd)}</td>
              {benchmark && <td>{fixed(benchmark.final_equity_usd)}</td>}
              {twin && <td>{fixed(twin.final_equity_usd)}</td>}
            </tr>
            <tr>
              <th scope="row">{t("backtests.figure.mdd")}</th>
              <td>{fall(metrics.mdd_pct)}</td>
              {benchmark && <td>{fall(benchmark.mdd_pct)}</td>}
              {twin && <td>{fall(twin.mdd_pct)}</td>}
            </tr>
            <tr>
              <th scope="row">{t("backtests.figure.sharpe")}</th>
              <td>{signed(metrics.sharpe)}</td>
              {benchmark && <td>{signed(benchmark.sharpe)}</td>}
              {twin && <td>{signed(twin.sharpe)}</td>}
            </tr>
            <tr>
              <th scope="row">{t("backtests.figure.fees")}</th>
              <td>{fixed(metrics.fees.total_usd)}</td>
              {benchmark && <td>{DASH}</td>}
              {twin && <td>{fixed(twin.fees_usd)}</td>}
            </tr>
          </tbody>
        </table>
      </div>
      <div className={styles.figures}>
        <Stats>
          <Stat label={t("backtests.figure.trades")}>{count(metrics.sells)}</Stat>
          <Stat
            label={t("backtests.figure.wins")}
            hint={t("backtests.figure.winsOf", { wins: count(metrics.wins), losses: count(metrics.losses) })}
          >
            {share(metrics.win_rate_pct)}
          </Stat>
          <Stat label={t("backtests.figure.profitFactor")}>{fixed(metrics.profit_factor)}</Stat>
          <Stat
            label={t("backtests.figure.average")}
            hint={`${percent(metrics.worst_pnl_pct)} … ${percent(metrics.best_pnl_pct)}`}
          >
            {percent(metrics.average_pnl_pct)}
          </Stat>
          <Stat label={t("backtests.figure.intradayMdd")}>{fall(metrics.intraday_mdd_pct)}</Stat>
          <Stat label={t("backtests.figure.volatility")}>{share(metrics.volatility_pct)}</Stat>
          <Stat
            label={t("backtests.figure.exposure")}
            hint={t("backtests.figure.inMarket", { share: share(metrics.time_in_market_pct) })}
          >
            {share(metrics.exposure_pct)}
          </Stat>
          <Stat label={t("backtests.figure.holding")}>{minutesText(t, metrics.average_holding_minutes)}</Stat>
          <Stat
            label={t("backtests.figure.stops")}
            hint={usd(metrics.stop_loss_count > 0 ? metrics.stop_loss_pnl_usd : null)}
          >
            {count(metrics.stop_loss_count)}
          </Stat>
          <Stat
            label={t("backtests.figure.banned")}
            hint={t("backtests.figure.ofDays", { n: count(metrics.days) })}
          >
            {count(metrics.banned_days)}
          </Stat>
        </Stats>
      </div>
    </Card>
  );
}

const fall = (value: number | null | undefined): string => percent(value == null ? null : -value);

function EquityCard({ id, portfolio }: { id: string; portfolio: Portfolio }) {
  const { t } = useTranslation();
  const equity = useQuery({
    queryKey: ["runs", "equity", id],
    queryFn: ({ signal }) => get<components["schemas"]["Equity"]>(`/api/runs/${id}/equity`, signal),
    staleTime: Infinity,
  });
  return (
    <Card flush title={t("backtests.chart.title")}>
      {equity.data && equity.data.items.length > 0 ? (
        <Suspense fallback={<Skeleton height={460} />}>
          <EquityChart
            points={equity.data.items}
            capital={portfolio.metrics.initial_capital_usd}
            benchmark={portfolio.benchmark?.symbol ?? null}
          />
        </Suspense>
      ) : equity.isPending ? (
        <Skeleton height={460} />
      ) : (
        <EmptyState title={t(equity.error ? "common.failed" : "backtests.chart.none")} />
      )}
    </Card>
  );
}
