import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/app/Loading";
import { Chart } from "@/charts/Chart";
import { SharedCrosshair } from "@/charts/SharedCrosshair";
import { dayOf, levelOf } from "@/charts/pages";
import { marksOf, useDayEvents, useDayHistory, useSessionShades } from "@/charts/useDay";
import { useRegistry, type Registry } from "@/data/queries";
import { fixed, percent } from "@/format/numbers";
import { GoldCard } from "@/signals/cards";
import { SignalCard } from "@/signals/SignalCard";
import { useWhy } from "@/signals/WhyContext";
import { numberOf } from "@/signals/data";
import { isPending, shownView } from "@/signals/verdict";
import { sentenceOfView } from "@/signals/words";
import { useConfig, useLoaded, useModel, usePrice, useView } from "@/stream/hooks";
import { Card, Delta, Page, Stat, Stats } from "@/ui";
import grid from "../grid.module.css";
import { GateCard } from "./GateCard";

export default function Market() {
  const { t } = useTranslation();
  const registry = useRegistry();
  const loaded = useLoaded();
  if (!loaded || !registry) return <Loading />;
  return (
    <Page title={t("nav.market")} about={t("market.about")}>
      <div className={grid.three}>
        <GoldCard registry={registry} />
        <Regime registry={registry} />
        <GateCard registry={registry} />
      </div>
      <SharedCrosshair>
        <Charts registry={registry} />
      </SharedCrosshair>
    </Page>
  );
}

function Regime({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const threshold = useConfig()?.parameters.bearish_index_threshold_pct;
  const view = useView("bearish", "MARKET");
  return (
    <SignalCard
      title={t("market.regime")}
      name={t("market.regime")}
      why={{ kind: "view", type: "bearish", subject: "MARKET" }}
      look={shownView("bearish", view)}
      number={
        <span className={grid.indices}>
          {registry.indices.map((symbol) => (
            <span key={symbol}>
              <small>{symbol}</small> <Delta value={numberOf(view?.data, `${symbol.toLowerCase()}_pct`)} />
            </span>
          ))}
        </span>
      }
      sentence={sentenceOfView(t, view)}
      since={view?.since ?? null}
      pending={isPending(view)}
    >
      <Stats>
        <Stat label={t("market.indexThreshold")}>{percent(threshold)}</Stat>
      </Stats>
    </SignalCard>
  );
}

function Charts({ registry }: { registry: Registry }) {
  const symbols = useMemo(() => [registry.gold, ...registry.indices], [registry]);
  return (
    <div className={grid.three}>
      {symbols.map((symbol) => (
        <OneChart key={symbol} symbol={symbol} isGold={symbol === registry.gold} />
      ))}
    </div>
  );
}

function OneChart({ symbol, isGold }: { symbol: string; isGold: boolean }) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const symbols = useMemo(() => [symbol], [symbol]);
  const day = useDayHistory(symbols);
  const shades = useSessionShades();
  const parameters = useConfig()?.parameters;
  const events = useDayEvents(isGold ? "gold" : "bearish");
  const series = useMemo(() => [dayOf(day, symbol)], [day, symbol]);
  const marks = useMemo(() => marksOf(events, symbol), [events, symbol]);
  const threshold = isGold ? parameters?.gold_threshold_pct : parameters?.bearish_index_threshold_pct;
  const name = useModel((model) => model.prices.get(symbol)?.[i18n.language === "ko" ? "name" : "name_en"]);
  return (
    <Card
      title={
        <>
          {symbol} <small>{name}</small>
        </>
      }
    >
      <Quote symbol={symbol} />
      <Chart
        label={t("market.chart", { symbol })}
        state={day.state}
        series={series}
        levels={levelOf(threshold, t("chart.threshold"), "--muted")}
        marks={marks}
        shades={shades}
        legend={false}
        height={280}
        onMark={(id) => {
          const event = events.find((one) => one.event_id === id);
          if (event) why({ kind: "event", event });
        }}
      />
    </Card>
  );
}

function Quote({ symbol }: { symbol: string }) {
  const { t } = useTranslation();
  const price = usePrice(symbol);
  return (
    <Stats>
      <Stat label={t("quote.price")}>{fixed(price?.price)}</Stat>
      <Stat label={t("quote.change")}>
        <Delta value={price?.change_pct} unit={false} />
      </Stat>
      <Stat label={t("quote.prevClose")}>{fixed(price?.prev_close)}</Stat>
    </Stats>
  );
}
