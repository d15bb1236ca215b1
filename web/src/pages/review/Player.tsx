import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ReplayLine } from "@/charts/runs/ReplayChart";
import { signalOf, subjectOf } from "@/signals/words";
import { useRegistry } from "@/data/queries";
import { numberOf, recordOf } from "@/signals/data";
import { percent, plain } from "@/format/numbers";
import type { SignalEvent } from "@/stream/types";
import { Card, Segmented, Skeleton } from "@/ui";
import { Controls } from "./Controls";
import { Feed, Quotes } from "./Lists";
import { Moment } from "./Moment";
import styles from "./Player.module.css";
import type { Snapshot } from "./data";
import { changeOf, groupsOf, indexAt, inOrder, viewsOf, type Group } from "./moment";
import { usePlayer } from "./usePlayer";

const ReplayChart = lazy(() => import("@/charts/runs/ReplayChart"));
const COLOURS = ["series1", "series2", "series3", "series4"] as const;

interface Props {
  run: string;
  snapshots: readonly Snapshot[];
  events: readonly SignalEvent[];
}

/** A replayed day under a slider: everything on the page is of the chosen moment. */
export function Player({ run, snapshots, events }: Props) {
  const player = usePlayer(snapshots.length);
  const snapshot = snapshots[player.index] ?? snapshots[0];
  if (!snapshot) return null;
  const seek = (event: SignalEvent) => player.seek(indexAt(snapshots, event.event_time));
  return (
    <>
      <Controls snapshots={snapshots} player={player} />
      <Moment snapshot={snapshot} events={events} run={run} />
      <Charts snapshots={snapshots} until={player.index} onSeek={player.seek} />
      <div className={styles.halves}>
        <Feed events={events} until={snapshot.snapshot_time} onSeek={seek} />
        <Quotes snapshot={snapshot} />
      </div>
    </>
  );
}

interface ChartsProps {
  snapshots: readonly Snapshot[];
  until: number;
  onSeek: (index: number) => void;
}

function Charts({ snapshots, until, onSeek }: ChartsProps) {
  const { t } = useTranslation();
  const registry = useRegistry();
  const groups = useMemo(() => {
    const last = snapshots.at(-1);
    const order = ["market", ...(registry?.pairs.map((pair) => pair.key) ?? []), "conditional", "bearish"];
    return last ? inOrder(groupsOf(last), (group) => group.id, order) : [];
  }, [snapshots, registry]);
  const [id, setId] = useState("market");
  const group = groups.find((one) => one.id === id) ?? groups[0];
  if (!group) return null;
  const nameOf = (one: Group) =>
    one.id === "market"
      ? t("nav.market")
      : one.pair !== null
        ? subjectOf(t, "twin_pairs", one.pair, registry)
        : signalOf(t, one.id);
  return (
    <Card flush title={t("review.charts")}>
      <div className={styles.groups}>
        <Segmented
          label={t("review.charts")}
          value={group.id}
          options={groups.map((one) => ({ value: one.id, label: nameOf(one) }))}
          onChange={setId}
        />
      </div>
      <div className={styles.charts} data-two={group.pair !== null}>
        <Changes group={group} name={nameOf(group)} snapshots={snapshots} until={until} onSeek={onSeek} />
        {group.pair !== null && <Gap pair={group.pair} snapshots={snapshots} until={until} onSeek={onSeek} />}
      </div>
    </Card>
  );
}

const timesOf = (snapshots: readonly Snapshot[]): number[] =>
  snapshots.map((snapshot) => Math.round(Date.parse(snapshot.snapshot_time) / 1000));

function Changes({ group, name, snapshots, until, onSeek }: ChartsProps & { group: Group; name: string }) {
  const { t } = useTranslation();
  const times = useMemo(() => timesOf(snapshots), [snapshots]);
  const lines = useMemo(
    () =>
      group.symbols.map((symbol, i): ReplayLine => ({
        id: symbol,
        label: symbol,
        colour: COLOURS[i % COLOURS.length] ?? "series1",
        values: snapshots.map((snapshot) => changeOf(snapshot.tickers[symbol])),
      })),
    [group, snapshots],
  );
  const levels = useMemo(() => [{ value: 0, label: t("chart.prevClose") }], [t]);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.legend}>
        <span className="muted">{t("review.changes")}</span>
        {lines.map((line, i) => (
          <span key={line.id}>
            <i className={styles.key} data-series={i} aria-hidden="true" /> {line.label}{" "}
            <span className="num">{percent(line.values[until])}</span>
          </span>
        ))}
      </figcaption>
      <Suspense fallback={<Skeleton height={340} />}>
        <ReplayChart
          times={times}
          lines={lines}
          levels={levels}
          until={until}
          onSeek={onSeek}
          label={t("review.chartOf", { name })}
        />
      </Suspense>
    </figure>
  );
}

function Gap({ pair, snapshots, until, onSeek }: ChartsProps & { pair: string }) {
  const { t } = useTranslation();
  const times = useMemo(() => timesOf(snapshots), [snapshots]);
  const [lines, levels] = useMemo(() => {
    const views = snapshots.map((snapshot) =>
      viewsOf(snapshot, "twin_pairs").find((view) => view.subject === pair),
    );
    const thresholds = recordOf(views.at(-1)?.data, "thresholds");
    const entry = numberOf(thresholds, "pair_gap_entry_threshold");
    const sell = numberOf(thresholds, "pair_gap_sell_threshold");
    const values = views.map((view) => (view?.verdict?.state === "ok" ? numberOf(view.data, "gap") : null));
    return [
      [{ id: "gap", label: "", colour: "series1", values }] satisfies ReplayLine[],
      [
        ...(entry === null ? [] : [{ value: entry, label: `${t("pair.ENTRY")} ${plain(entry)}` }]),
        ...(sell === null
          ? []
          : [
              { value: sell, label: `${t("pair.SELL")} ±${plain(sell)}` },
              { value: -sell, label: "" },
            ]),
      ],
    ] as const;
  }, [pair, snapshots, t]);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.legend}>
        <span className="muted">{t("why.gap")}</span>
      </figcaption>
      <Suspense fallback={<Skeleton height={340} />}>
        <ReplayChart
          times={times}
          lines={lines}
          levels={levels}
          until={until}
          onSeek={onSeek}
          label={t("review.chartOf", { name: t("why.gap") })}
        />
      </Suspense>
    </figure>
  );
}
