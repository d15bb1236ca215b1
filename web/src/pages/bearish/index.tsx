import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/app/Loading";
import { Chart } from "@/charts/Chart";
import { SharedCrosshair } from "@/charts/SharedCrosshair";
import { levelOf, linesOf, ZERO } from "@/charts/pages";
import { marksOf, useDayEvents, useDayHistory, useSessionShades } from "@/charts/useDay";
import { useRegistry, type Registry } from "@/data/queries";
import { BearishCard } from "@/signals/cards";
import { useWhy } from "@/signals/WhyContext";
import { useConfig, useLoaded } from "@/stream/hooks";
import { Card, Page } from "@/ui";
import { DayLog } from "../DayLog";
import grid from "../grid.module.css";

export default function Bearish() {
  const { t } = useTranslation();
  const registry = useRegistry();
  const loaded = useLoaded();
  if (!loaded || !registry) return <Loading />;
  return (
    <Page title={t("nav.bearish")} about={t("bearish.about", { indices: registry.indices.join(", ") })}>
      <div className={grid.side}>
        <div className={grid.stack}>
          <BearishCard registry={registry} />
          <DayLog type="bearish" />
        </div>
        <SharedCrosshair>
          <div className={grid.stack}>
            <Indices registry={registry} />
            <Defensives registry={registry} />
          </div>
        </SharedCrosshair>
      </div>
    </Page>
  );
}

function Indices({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const why = useWhy();
  const symbols = useMemo(() => [...registry.indices, registry.gold], [registry]);
  const day = useDayHistory(symbols);
  const shades = useSessionShades();
  const events = useDayEvents("bearish");
  const series = useMemo(() => linesOf(day, symbols, registry.gold), [day, symbols, registry]);
  const marks = useMemo(() => marksOf(events, symbols[0] ?? ""), [events, symbols]);
  const threshold = useConfig()?.parameters.bearish_index_threshold_pct;
  return (
    <Card title={t("bearish.indices")}>
      <Chart
        label={t("bearish.indices")}
        state={day.state}
        series={series}
        levels={levelOf(threshold, t("chart.threshold"), "--muted")}
        marks={marks}
        shades={shades}
        height={260}
        onMark={(id) => {
          const event = events.find((one) => one.event_id === id);
          if (event) why({ kind: "event", event });
        }}
      />
    </Card>
  );
}

function Defensives({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const day = useDayHistory(registry.bearish);
  const shades = useSessionShades();
  const stop = useConfig()?.parameters.stop_loss_pct;
  const series = useMemo(() => linesOf(day, registry.bearish), [day, registry]);
  return (
    <Card title={t("bearish.picks")}>
      <Chart
        label={t("bearish.picks")}
        state={day.state}
        series={series}
        levels={[ZERO, ...levelOf(stop, t("chart.stop"), "--bad")]}
        shades={shades}
        height={260}
      />
    </Card>
  );
}
