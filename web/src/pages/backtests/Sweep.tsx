import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { lanesQuery, type Lane, type RunWhole, type SweepResult, type WalkForward } from "@/data/runs";
import { count, direction, fixed, percent, plain, share, signed } from "@/format/numbers";
import {
  Button,
  Card,
  Delta,
  EmptyState,
  SelectField,
  Skeleton,
  Stat,
  Stats,
  Table,
  type Column,
} from "@/ui";
import { HeatMap } from "./HeatMap";
import { Problem } from "./Problem";
import styles from "./Sweep.module.css";
import { axesOf, bestOf, METRICS, type Axis, type Metric } from "./heat";
import { laneFrom, laneText, parameterName, partText, valueText } from "./words";

/** What a sweep came to: a map of it, every parameter set, and what is left of the best one out of sample. */
export function Sweep({ run, sweep }: { run: RunWhole; sweep: SweepResult }) {
  const { t } = useTranslation();
  const asked = useQuery(lanesQuery(run.run_id));
  const lanes = asked.data ?? [];
  if (asked.error) return <Problem error={asked.error} onRetry={() => void asked.refetch()} />;
  if (asked.isPending) {
    return (
      <Card>
        <Skeleton height={360} />
      </Card>
    );
  }
  if (lanes.length === 0) return <EmptyState title={t("backtests.noResult")} />;
  return <Lanes run={run} lanes={lanes} walk={sweep.walk_forward} />;
}

function Lanes({ run, lanes, walk }: { run: RunWhole; lanes: readonly Lane[]; walk: WalkForward | null }) {
  const { t } = useTranslation();
  const axes = axesOf(lanes);
  const [metric, setMetric] = useState<Metric>("total_return_pct");
  const [key, setKey] = useState<string | null>(null);
  const [names, setNames] = useState<readonly [string, string]>([axes[0]?.name ?? "", axes[1]?.name ?? ""]);
  const best = bestOf(lanes, metric);
  const chosen = lanes.find((lane) => lane.lane === key) ?? best;
  const across = axes.find((axis) => axis.name === names[0]) ?? axes[0];
  const down = axes.find((axis) => axis.name === names[1] && axis.name !== across?.name) ?? null;
  const others = axes.filter((axis) => axis.name !== across?.name && axis.name !== down?.name);
  const held = Object.fromEntries(others.map(({ name }) => [name, chosen?.parameters[name] ?? null]));
  const hold = (name: string, value: number) => {
    const wanted = { ...chosen?.parameters, [name]: value };
    const found = lanes.find((lane) =>
      Object.entries(wanted).every(([one, v]) => lane.parameters[one] === v),
    );
    if (found) setKey(found.lane);
  };
  return (
    <>
      <div className={styles.top}>
        <div className={styles.side}>
          <Card
            title={t("backtests.sweep.map")}
            aside={<span className="muted">{t("backtests.grid.lanes", { n: count(lanes.length) })}</span>}
          >
            <div className={styles.controls}>
              <SelectField
                label={t("backtests.sweep.metric")}
                value={metric}
                onChange={(event) => setMetric(event.target.value as Metric)}
              >
                {METRICS.map((name) => (
                  <option key={name} value={name}>
                    {t(`backtests.metric.${name}`)}
                  </option>
                ))}
              </SelectField>
              {axes.length > 2 && (
                <>
                  <AxisField
                    label={t("backtests.sweep.across")}
                    axes={axes}
                    value={across?.name}
                    onChange={(name) => setNames([name, names[1]])}
                  />
                  <AxisField
                    label={t("backtests.sweep.down")}
                    axes={axes}
                    value={down?.name}
                    onChange={(name) => setNames([names[0], name])}
                  />
                </>
              )}
              {others.map((axis) => (
                <SelectField
                  key={axis.name}
                  label={parameterName(t, axis.name)}
                  value={String(held[axis.name])}
                  onChange={(event) => hold(axis.name, Number(event.target.value))}
                >
                  {axis.values.map((value) => (
                    <option key={value} value={value}>
                      {plain(value)}
                    </option>
                  ))}
                </SelectField>
              ))}
            </div>
            {across && (
              <HeatMap
                lanes={lanes}
                across={across}
                down={down}
                held={held}
                metric={metric}
                chosen={chosen?.lane ?? null}
                onChoose={(lane) => setKey(lane.lane)}
              />
            )}
          </Card>
          {chosen && <Chosen run={run} lane={chosen} best={chosen.lane === best?.lane} />}
        </div>
        <div className={styles.side}>
          <Walk walk={walk} best={bestOf(lanes, "total_return_pct")} />
        </div>
      </div>
      <Card flush title={t("backtests.sweep.all")}>
        <LaneTable lanes={lanes} axes={axes} chosen={chosen?.lane ?? null} onChoose={setKey} />
      </Card>
    </>
  );
}

function AxisField({
  label,
  axes,
  value,
  onChange,
}: {
  label: string;
  axes: readonly Axis[];
  value: string | undefined;
  onChange: (name: string) => void;
}) {
  const { t } = useTranslation();
  return (
    <SelectField label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      {axes.map(({ name }) => (
        <option key={name} value={name}>
          {parameterName(t, name)}
        </option>
      ))}
    </SelectField>
  );
}

function Chosen({ run, lane, best }: { run: RunWhole; lane: Lane; best: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { metrics } = lane;
  return (
    <Card title={t(best ? "backtests.sweep.best" : "backtests.sweep.chosen")}>
      <p className={styles.lane}>{laneText(t, lane.parameters)}</p>
      <Stats>
        <Stat label={t("backtests.metric.total_return_pct")}>
          <Delta value={metrics.total_return_pct} />
        </Stat>
        <Stat label={t("backtests.metric.mdd_pct")}>
          {percent(metrics.mdd_pct == null ? null : -metrics.mdd_pct)}
        </Stat>
        <Stat label={t("backtests.metric.sharpe")}>{signed(metrics.sharpe)}</Stat>
        <Stat label={t("backtests.metric.win_rate_pct")}>{share(metrics.win_rate_pct)}</Stat>
        <Stat label={t("backtests.metric.sells")}>{count(metrics.sells)}</Stat>
      </Stats>
      <Button
        className={styles.action}
        icon="play"
        onClick={() =>
          void navigate(`/backtests/new?from=${run.run_id}&lane=${encodeURIComponent(lane.lane)}`)
        }
      >
        {t("backtests.sweep.run")}
      </Button>
    </Card>
  );
}

/** In sample beside out of sample: the best of a grid misleads. */
function Walk({ walk, best }: { walk: WalkForward | null; best: Lane | null }) {
  const { t, i18n } = useTranslation();
  if (!walk) {
    return (
      <Card title={t("backtests.walk.title")}>
        <p className="muted">{t("backtests.walk.none")}</p>
      </Card>
    );
  }
  return (
    <Card title={t("backtests.walk.title")}>
      <Stats>
        <Stat label={t("backtests.walk.inSample")}>
          <Delta value={walk.in_sample_pct} />
        </Stat>
        <Stat label={t("backtests.walk.outOfSample")}>
          <Delta value={walk.out_of_sample_pct} />
        </Stat>
        <Stat label={t("backtests.walk.whole")}>
          <Delta value={best?.metrics.total_return_pct} />
        </Stat>
      </Stats>
      <p className={styles.note}>{t("backtests.walk.about", { days: count(walk.days) })}</p>
      <ol className={styles.windows}>
        {walk.windows.map((window) => (
          <li key={window.chosen_from}>
            <p>{laneText(t, laneFrom(window.lane))}</p>
            <p className="muted">
              {t("backtests.walk.window", {
                chosen: partText(window.chosen_from, window.chosen_to, i18n.language),
                judged: partText(window.judged_from, window.judged_to, i18n.language),
              })}
            </p>
            <p className="num">
              <span data-dir={direction(window.in_sample_pct) ?? undefined}>
                {percent(window.in_sample_pct)}
              </span>
              {" → "}
              <span data-dir={direction(window.out_of_sample_pct) ?? undefined}>
                {percent(window.out_of_sample_pct)}
              </span>
            </p>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function LaneTable({
  lanes,
  axes,
  chosen,
  onChoose,
}: {
  lanes: readonly Lane[];
  axes: readonly Axis[];
  chosen: string | null;
  onChoose: (lane: string) => void;
}) {
  const { t } = useTranslation();
  const columns: Column<Lane>[] = [
    {
      id: "choose",
      header: t("backtests.sweep.set"),
      phone: "head",
      cell: (lane) => (
        <button
          type="button"
          className={styles.row}
          aria-pressed={lane.lane === chosen}
          onClick={() => onChoose(lane.lane)}
        >
          {lane.lane === chosen ? "● " : "○ "}
          <span className={styles.name}>{laneText(t, lane.parameters)}</span>
        </button>
      ),
    },
    ...axes.map(({ name }): Column<Lane> => ({
      id: name,
      header: parameterName(t, name),
      numeric: true,
      phone: "none", // a card has them in its title
      sortBy: (lane) => {
        const value = lane.parameters[name];
        return typeof value === "number" ? value : null;
      },
      cell: (lane) => valueText(t, lane.parameters[name]),
    })),
    {
      id: "return",
      header: t("backtests.metric.total_return_pct"),
      numeric: true,
      sortBy: ({ metrics }) => metrics.total_return_pct ?? null,
      cell: ({ metrics }) => <Delta value={metrics.total_return_pct} />,
    },
    {
      id: "mdd",
      header: t("backtests.metric.mdd_pct"),
      numeric: true,
      sortBy: ({ metrics }) => metrics.mdd_pct ?? null,
      cell: ({ metrics }) => percent(metrics.mdd_pct == null ? null : -metrics.mdd_pct),
    },
    {
      id: "sharpe",
      header: t("backtests.metric.sharpe"),
      numeric: true,
      sortBy: ({ metrics }) => metrics.sharpe ?? null,
      cell: ({ metrics }) => signed(metrics.sharpe),
    },
    {
      id: "wins",
      header: t("backtests.metric.win_rate_pct"),
      numeric: true,
      sortBy: ({ metrics }) => metrics.win_rate_pct ?? null,
      cell: ({ metrics }) => share(metrics.win_rate_pct),
    },
    {
      id: "factor",
      header: t("backtests.metric.profit_factor"),
      numeric: true,
      phone: "none",
      sortBy: ({ metrics }) => metrics.profit_factor ?? null,
      cell: ({ metrics }) => fixed(metrics.profit_factor),
    },
    {
      id: "sells",
      header: t("backtests.metric.sells"),
      numeric: true,
      sortBy: ({ metrics }) => metrics.sells ?? null,
      cell: ({ metrics }) => count(metrics.sells),
    },
  ];
  return (
    <div className={styles.rows}>
      <Table
        caption={t("backtests.sweep.all")}
        columns={columns}
        rows={lanes}
        keyOf={(lane) => lane.lane}
        initialSort={{ id: "return", descending: true }}
        rowProps={(lane) => ({ "data-selected": lane.lane === chosen })}
      />
    </div>
  );
}
