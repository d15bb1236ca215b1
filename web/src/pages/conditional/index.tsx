import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/app/Loading";
import { Chart } from "@/charts/Chart";
import { levelOf, linesOf } from "@/charts/pages";
import { marksOf, useDayEvents, useDayHistory, useSessionShades } from "@/charts/useDay";
import { useRegistry, type Registry } from "@/data/queries";
import { ConditionalCard } from "@/signals/cards";
import { useWhy } from "@/signals/WhyContext";
import { useConfig, useLoaded } from "@/stream/hooks";
import { Card, Page } from "@/ui";
import { DayLog } from "../DayLog";
import grid from "../grid.module.css";

export default function Conditional() {
  const { t } = useTranslation();
  const registry = useRegistry();
  const loaded = useLoaded();
  if (!loaded || !registry) return <Loading />;
  const { triggers, target } = registry.conditional;
  return (
    <Page
      title={t("nav.conditional")}
      about={t("conditional.about", { triggers: triggers.join(", "), target })}
    >
      <div className={grid.side}>
        <div className={grid.stack}>
          <ConditionalCard registry={registry} />
          <DayLog type="conditional" most={6} />
        </div>
        <Lines registry={registry} />
      </div>
    </Page>
  );
}

function Lines({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const why = useWhy();
  const { triggers, target } = registry.conditional;
  const symbols = useMemo(() => [...triggers, target], [triggers, target]);
  const day = useDayHistory(symbols);
  const shades = useSessionShades();
  const events = useDayEvents("conditional", target);
  const series = useMemo(() => linesOf(day, symbols, target), [day, symbols, target]);
  const marks = useMemo(() => marksOf(events, target), [events, target]);
  const threshold = useConfig()?.parameters.conditional_trigger_pct;
  return (
    <Card title={t("conditional.chart")}>
      <Chart
        label={t("conditional.chart")}
        state={day.state}
        series={series}
        levels={levelOf(threshold, t("chart.threshold"), "--muted")}
        marks={marks}
        shades={shades}
        height="clamp(320px, 60vh, 640px)"
        onMark={(id) => {
          const event = events.find((one) => one.event_id === id);
          if (event) why({ kind: "event", event });
        }}
      />
    </Card>
  );
}
