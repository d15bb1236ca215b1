import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { usePreferences } from "@/app/preferences";
import { useGoing } from "@/data/runStream";
import { endRun, isActive, runsQuery, type Run, type RunKind } from "@/data/runs";
import { count, percent, share } from "@/format/numbers";
import { dateTime } from "@/format/times";
import { Badge, Button, Card, Delta, EmptyState, Page, Segmented, Skeleton, Table, type Column } from "@/ui";
import { Demo } from "./Demo";
import { EndRun } from "./EndRun";
import { Problem } from "./Problem";
import { Progress } from "./Progress";
import styles from "./RunList.module.css";
import { idsIn, MOST_COMPARED, toggled } from "./compare";
import { laneText, spanText, TONES } from "./words";

const Comparison = lazy(() => import("./Comparison"));

const KINDS = ["all", "backtest", "sweep", "replay"] as const;
const LIVE = 2; // streams at once; a browser has six connections, and the page's own stream is one of them

/** All runs, newest first; those that go on tell how far they are. */
export function RunList() {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("all");
  const [address, setAddress] = useSearchParams();
  const compared = idsIn(address.get("compare"));
  const [chosen, setChosen] = useState<readonly string[]>(compared);
  const runs = useQuery(runsQuery(kind === "all" ? null : (kind as RunKind), 100));
  const items = runs.data?.items ?? [];
  const going = items.filter((run) => isActive(run.status)).map((run) => run.run_id);
  // The oldest are the ones under way; the newest wait behind them.
  const followed = new Set(going.slice(-LIVE));
  const end = useMutation({
    mutationFn: endRun,
    onSettled: () => queries.invalidateQueries({ queryKey: ["runs"] }),
  });

  if (compared.length > 1) {
    return (
      <Suspense fallback={<Skeleton height={400} />}>
        <Comparison ids={compared} onClose={() => setAddress({})} />
      </Suspense>
    );
  }

  const columns: Column<Run>[] = [
    {
      id: "run",
      header: t("backtests.column.run"),
      phone: "head",
      cell: (run) => (
        <span className={styles.name}>
          {canCompare(run) && (
            <label className={styles.pick}>
              <input
                type="checkbox"
                checked={chosen.includes(run.run_id)}
                onChange={() => setChosen(toggled(chosen, run.run_id))}
              />
              <span className="visually-hidden">{t("backtests.pick", { run: run.run_id })}</span>
            </label>
          )}
          <span className={styles.what}>
            <Link to={run.kind === "replay" ? `/review/${run.run_id}` : `/backtests/${run.run_id}`}>
              {t(`backtests.kind.${run.kind}`)} ·{" "}
              {spanText(run.request.start, run.request.end, i18n.language)}
            </Link>
            <small>{laneText(t, run.request.parameters)}</small>
          </span>
        </span>
      ),
    },
    {
      id: "state",
      header: t("backtests.column.state"),
      cell: (run) =>
        isActive(run.status) ? (
          <Live run={run} follow={followed.has(run.run_id)} />
        ) : (
          <Badge tone={TONES[run.status]} size="s">
            {t(`backtests.status.${run.status}`)}
          </Badge>
        ),
    },
    {
      id: "interval",
      header: t("backtests.column.interval"),
      sortBy: (run) => run.summary?.interval ?? run.request.interval,
      cell: (run) => t(`backtests.interval.${run.summary?.interval ?? run.request.interval}`),
    },
    {
      id: "model",
      header: t("backtests.column.model"),
      wide: true,
      phone: "none",
      sortBy: (run) => run.request.model,
      cell: (run) => (run.kind === "replay" ? "—" : t(`backtests.model.${run.request.model}`)),
    },
    {
      id: "return",
      header: t("backtests.column.return"),
      numeric: true,
      sortBy: (run) => figuresOf(run)?.total_return_pct ?? null,
      cell: (run) => <Delta value={figuresOf(run)?.total_return_pct} />,
    },
    {
      id: "mdd",
      header: t("backtests.column.mdd"),
      numeric: true,
      sortBy: (run) => figuresOf(run)?.mdd_pct ?? null,
      cell: (run) => {
        const mdd = figuresOf(run)?.mdd_pct;
        return percent(mdd == null ? null : -mdd);
      },
    },
    {
      id: "trades",
      header: t("backtests.column.trades"),
      numeric: true,
      sortBy: (run) => figuresOf(run)?.sells ?? null,
      cell: (run) => count(figuresOf(run)?.sells),
    },
    {
      id: "wins",
      header: t("backtests.column.wins"),
      numeric: true,
      wide: true,
      phone: "none",
      sortBy: (run) => figuresOf(run)?.win_rate_pct ?? null,
      cell: (run) => share(figuresOf(run)?.win_rate_pct),
    },
    {
      id: "asked",
      header: t("backtests.column.asked"),
      sortBy: (run) => run.created_at,
      cell: (run) => <span className="num">{dateTime(run.created_at, zone, i18n.language)}</span>,
    },
    {
      id: "end",
      header: <span className="visually-hidden">{t("backtests.column.end")}</span>,
      phone: "none",
      cell: (run) => <EndRun run={run} onEnd={() => end.mutate(run.run_id)} busy={end.isPending} />,
    },
  ];

  return (
    <Page
      title={t("nav.backtests")}
      about={t("backtests.about")}
      actions={
        <>
          <Demo demo={items.some((run) => run.demo)} />
          <Button kind="primary" icon="plus" onClick={() => void navigate("/backtests/new")}>
            {t("backtests.new")}
          </Button>
        </>
      }
    >
      {end.error && <Problem error={end.error} />}
      <div className={styles.tools}>
        <Segmented
          label={t("backtests.kinds")}
          value={kind}
          options={KINDS.map((value) => ({ value, label: t(`backtests.kind.${value}`) }))}
          onChange={setKind}
        />
        {items.filter(canCompare).length > 1 && (
          <Button
            icon="backtests"
            disabled={chosen.length < 2}
            onClick={() => setAddress({ compare: chosen.join(",") })}
          >
            {chosen.length < 2
              ? t("backtests.compareHint", { most: MOST_COMPARED })
              : t("backtests.compareChosen", { n: chosen.length })}
          </Button>
        )}
      </div>
      <Card flush className={styles.list}>
        {runs.error && <Problem error={runs.error} onRetry={() => void runs.refetch()} />}
        {runs.isPending ? (
          <div className={styles.waiting}>
            {[0, 1, 2, 3].map((n) => (
              <Skeleton key={n} height={20} />
            ))}
          </div>
        ) : (
          <Table
            caption={t("backtests.list")}
            columns={columns}
            rows={items}
            keyOf={(run) => run.run_id}
            rowProps={(run) => ({ "data-selected": chosen.includes(run.run_id) })}
            empty={
              runs.error ? null : (
                <EmptyState icon="backtests" title={t("backtests.none")}>
                  <Link to="/backtests/new">{t("backtests.first")}</Link>
                </EmptyState>
              )
            }
          />
        )}
      </Card>
    </Page>
  );
}

function Live({ run, follow }: { run: Run; follow: boolean }) {
  const going = useGoing(run.run_id, follow);
  return <Progress run={run} going={going} />;
}

/** The figures of a run; of a sweep those of its best parameter set. */
const figuresOf = (run: Run) => (run.kind === "sweep" ? run.summary?.best?.metrics : run.summary);
const canCompare = (run: Run) => run.kind === "backtest" && run.status === "finished";
