import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/app/Loading";
import { Chart } from "@/charts/Chart";
import { SharedCrosshair } from "@/charts/SharedCrosshair";
import { linesOf, ZERO } from "@/charts/pages";
import { gapOf, liveGap } from "@/charts/points";
import type { Band, ChartSeries, Level } from "@/charts/types";
import { marksOf, pointsOf, useDayEvents, useDayHistory, useSessionShades } from "@/charts/useDay";
import { useRegistry, type PairInfo } from "@/data/queries";
import { plain, signed } from "@/format/numbers";
import { PairCard } from "@/signals/cards";
import { useWhy } from "@/signals/WhyContext";
import { useConfig, useLoaded } from "@/stream/hooks";
import { Card, Page } from "@/ui";
import grid from "../grid.module.css";
import styles from "./Twins.module.css";

export default function Twins() {
  const { t } = useTranslation();
  const registry = useRegistry();
  const loaded = useLoaded();
  if (!loaded || !registry) return <Loading />;
  return (
    <Page title={t("nav.twins")} about={t("twins.about")}>
      <SharedCrosshair>
        <div className={grid.stack}>
          {registry.pairs.map((pair) => (
            <Pair key={pair.key} pair={pair} />
          ))}
        </div>
      </SharedCrosshair>
    </Page>
  );
}

function Pair({ pair }: { pair: PairInfo }) {
  const { t } = useTranslation();
  const why = useWhy();
  const { lead, follow, key } = pair;
  const symbols = useMemo(() => [lead, follow], [lead, follow]);
  const day = useDayHistory(symbols);
  const shades = useSessionShades();
  const parameters = useConfig()?.parameters;
  const events = useDayEvents("twin_pairs", key);
  const legs = useMemo(() => linesOf(day, symbols), [day, symbols]);
  const gap = useMemo<ChartSeries[]>(
    () => [
      {
        id: "gap",
        label: `${lead} − ${follow}`,
        colour: "--series-4",
        history: gapOf(pointsOf(day, lead), pointsOf(day, follow)),
        live: liveGap(lead, follow),
      },
    ],
    [day, lead, follow],
  );
  const marks = useMemo(() => marksOf(events, "gap"), [events]);
  const [entry, sell] = [parameters?.pair_gap_entry_threshold, parameters?.pair_gap_sell_threshold];
  const levels: Level[] = [
    ...(entry === undefined
      ? []
      : [{ value: entry, label: `${t("twins.entryLine")} ${plain(entry)}`, colour: "--entry" as const }]),
    ...(sell === undefined
      ? []
      : [
          { value: sell, label: `${t("twins.sellLine")} ±${plain(sell)}`, colour: "--sell" as const },
          { value: -sell, label: "", colour: "--sell" as const },
        ]),
  ];
  const bands: Band[] = sell === undefined ? [] : [{ from: -sell, to: sell, colour: "--sell" }];
  return (
    <section className={styles.pair} aria-label={`${lead} → ${follow}`}>
      <PairCard pair={pair} />
      <Card title={t("twins.changes", { lead, follow })} level={3}>
        <Chart
          label={t("twins.changes", { lead, follow })}
          state={day.state}
          series={legs}
          levels={[ZERO]}
          shades={shades}
          height={180}
        />
      </Card>
      <Card title={t("twins.gapOf", { lead, follow })} level={3}>
        <Chart
          label={t("twins.gapOf", { lead, follow })}
          state={day.state}
          series={gap}
          levels={levels}
          bands={bands}
          marks={marks}
          shades={shades}
          format={signed}
          height={180}
          onMark={(id) => {
            const event = events.find((one) => one.event_id === id);
            if (event) why({ kind: "event", event });
          }}
        />
      </Card>
    </section>
  );
}
