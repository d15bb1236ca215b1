// The card of each signal: what the overview shows of it, and what its own page begins with.

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { gapOf } from "@/charts/points";
import { pointsOf, useDayHistory } from "@/charts/useDay";
import type { PairInfo, Registry } from "@/data/queries";
import { decidesAt } from "@/format/market";
import { DASH, percent, signed } from "@/format/numbers";
import { clock } from "@/format/times";
import { useConfig, useTradeDay, useView, useViews } from "@/stream/hooks";
import { Badge, Delta, Icon, Sparkline } from "@/ui";
import { SignalCard } from "./SignalCard";
import styles from "./cards.module.css";
import { flagOf, lackingOf, numberOf, picksOf, recordOf, triggersOf } from "./data";
import { isPending, shownView, type Shown } from "./verdict";
import { sentenceOfView } from "./words";

const NONE: readonly string[] = [];

export function PairCard({ pair }: { pair: PairInfo }) {
  const { t } = useTranslation();
  const view = useView("twin_pairs", pair.key);
  const symbols = useMemo(() => [pair.lead, pair.follow], [pair]);
  const day = useDayHistory(symbols);
  const [lead, follow] = [pointsOf(day, pair.lead), pointsOf(day, pair.follow)];
  const gaps = useMemo(() => gapOf(lead, follow).map((point) => point.value), [lead, follow]);
  const thresholds = recordOf(view?.data, "thresholds");
  const [entry, sell] = [
    numberOf(thresholds, "pair_gap_entry_threshold"),
    numberOf(thresholds, "pair_gap_sell_threshold"),
  ];
  const gap = numberOf(view?.data, "gap");
  const name = `${pair.lead} → ${pair.follow}`;
  return (
    <SignalCard
      title={
        <>
          {pair.lead} <span aria-hidden="true">→</span> {pair.follow}{" "}
          <small>{t(`pair.kind.${pair.key}`, { defaultValue: pair.label })}</small>
        </>
      }
      name={name}
      why={{ kind: "view", type: "twin_pairs", subject: pair.key }}
      look={shownView("twin_pairs", view)}
      number={
        <>
          <span className={styles.unit}>{t("pair.gap")}</span> <span className="num">{signed(gap)}</span>
          <span className={styles.unit}>{t("pair.points")}</span>
        </>
      }
      sentence={sentenceOfView(t, view)}
      since={view?.since ?? null}
      pending={isPending(view)}
    >
      <Sparkline
        label={t("twins.gapOf", { lead: pair.lead, follow: pair.follow })}
        values={gaps}
        now={gap}
        {...(sell === null ? {} : { band: { from: -sell, to: sell } })}
        lines={entry === null ? [] : [{ value: entry, colour: "var(--entry)" }]}
      />
      <dl className={styles.legs}>
        <div>
          <dt>
            {t("pair.lead")} <b>{pair.lead}</b>
          </dt>
          <dd>
            <Delta value={numberOf(view?.data, "lead_pct")} />
          </dd>
        </div>
        <div>
          <dt>
            {t("pair.follow")} <b>{pair.follow}</b>
          </dt>
          <dd>
            <Delta value={numberOf(view?.data, "follow_pct")} />
          </dd>
        </div>
      </dl>
    </SignalCard>
  );
}

export function ConditionalCard({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const { triggers, target } = registry.conditional;
  const view = useView("conditional", target);
  const found = triggersOf(view?.data, triggers);
  const up = found.filter((one) => one.positive === true).length;
  return (
    <SignalCard
      title={t("cond.title", { target })}
      name={t("cond.title", { target })}
      why={{ kind: "view", type: "conditional", subject: target }}
      look={shownView("conditional", view)}
      number={<span className="num">{t("cond.count", { up, all: triggers.length })}</span>}
      sentence={sentenceOfView(t, view)}
      since={view?.since ?? null}
      pending={isPending(view)}
    >
      <ul className={styles.lights}>
        {found.map((one) => (
          <li key={one.symbol} data-on={one.positive === true}>
            <span className={styles.lamp}>
              <Icon
                name={one.positive === true ? "entry" : one.positive === false ? "hold" : "unknown"}
                size={14}
              />
              <span className="visually-hidden">
                {one.positive === null
                  ? t("state.insufficient_data")
                  : t(one.positive ? "cond.up" : "cond.notUp")}
              </span>
            </span>
            <b>{one.symbol}</b>
            <Delta value={one.change} />
          </li>
        ))}
        <li className={styles.target}>
          <span className={styles.lamp} />
          <span>
            <b>{target}</b> <small>{t("cond.target")}</small>
          </span>
          <Delta value={numberOf(view?.data, "target_pct")} />
        </li>
      </ul>
    </SignalCard>
  );
}

export function BearishCard({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const view = useView("bearish", "MARKET");
  return (
    <SignalCard
      title={t("bear.title")}
      name={t("bear.title")}
      why={{ kind: "view", type: "bearish", subject: "MARKET" }}
      look={shownView("bearish", view)}
      number={
        <span className={styles.indices}>
          {registry.indices.map((symbol) => (
            <span key={symbol}>
              <span className={styles.unit}>{symbol}</span>{" "}
              <Delta value={numberOf(view?.data, `${symbol.toLowerCase()}_pct`)} />
            </span>
          ))}
        </span>
      }
      sentence={sentenceOfView(t, view)}
      since={view?.since ?? null}
      pending={isPending(view)}
    >
      <Picks registry={registry} />
    </SignalCard>
  );
}

/** The defensives with their changes. */
export function Picks({ registry }: { registry: Registry }) {
  const { i18n } = useTranslation();
  const view = useView("bearish", "MARKET");
  const picks = picksOf(view?.data);
  return (
    <ul className={styles.lights}>
      {registry.bearish.map((symbol) => {
        const ticker = registry.tickers.find((one) => one.symbol === symbol);
        return (
          <li key={symbol}>
            <span className={styles.lamp}>
              <Icon name="bearish" size={14} />
            </span>
            <span className={styles.pick}>
              <b>{symbol}</b> <small>{i18n.language === "ko" ? ticker?.name_ko : ticker?.name_en}</small>
            </span>
            <Delta value={picks.find((pick) => pick.symbol === symbol)?.change} />
          </li>
        );
      })}
    </ul>
  );
}

export function GoldCard({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const { gold } = registry;
  const view = useView("gold", gold);
  const day = useTradeDay();
  const minutes = useConfig()?.parameters.gold_observe_minutes ?? null;
  const symbols = useMemo(() => [gold], [gold]);
  const history = pointsOf(useDayHistory(symbols), gold);
  const values = useMemo(() => history.map((point) => point.value), [history]);
  const threshold = numberOf(recordOf(view?.data, "thresholds"), "gold_threshold_pct");
  const change = numberOf(view?.data, "change_pct");
  return (
    <SignalCard
      title={t("market.gate")}
      name={t("market.gate")}
      why={{ kind: "view", type: "gold", subject: gold }}
      look={shownView("gold", view)}
      number={
        <>
          <span className={styles.unit}>{gold}</span> <Delta value={change} />
        </>
      }
      sentence={sentenceOfView(t, view)}
      since={view?.since ?? null}
      pending={isPending(view)}
    >
      <Sparkline
        label={t("conditional.chart")}
        values={values}
        now={change}
        lines={threshold === null ? [] : [{ value: threshold, colour: "var(--line-strong)" }]}
      />
      <dl className={styles.legs}>
        <div>
          <dt>{t("market.decidesAt")}</dt>
          <dd className="num">
            {clock(decidesAt({ opens_at: day?.opens_at ?? null }, minutes), "et", false)} ET
          </dd>
        </div>
        <div>
          <dt>{t("market.threshold")}</dt>
          <dd className="num">{percent(threshold)}</dd>
        </div>
      </dl>
    </SignalCard>
  );
}

export function StopCard({ registry, most = 6 }: { registry: Registry; most?: number }) {
  const { t } = useTranslation();
  const symbols = useMemo(() => registry.tickers.map((ticker) => ticker.symbol), [registry]);
  const views = useViews("stop_loss", symbols);
  const stop = useConfig()?.parameters.stop_loss_pct ?? null;
  const known = views.flatMap((view) => {
    const change = numberOf(view?.data, "change_pct");
    return view && change !== null && view.verdict?.state === "ok"
      ? [{ view, change, alert: view.verdict.decision === "alert" }]
      : [];
  });
  const nearest = known.toSorted((a, b) => Number(b.alert) - Number(a.alert) || a.change - b.change);
  const alerts = nearest.filter((one) => one.alert);
  const blind = symbols.filter((_, i) => views[i]?.verdict?.state !== "ok");
  const look: Shown = {
    tone: known.length === 0 ? "unknown" : alerts.length > 0 ? "stop" : "ok",
    word: known.length === 0 ? "state.insufficient_data" : "stop.none",
    plain: alerts.length > 0 ? t("stop.count", { n: alerts.length }) : null,
    heldBy: NONE,
  };
  const first = nearest[0];
  const said =
    stop === null
      ? t("stop.off")
      : t(alerts.length > 0 ? "stop.say.some" : "stop.say.none", { stop: percent(stop) });
  return (
    <SignalCard
      title={t("stop.title")}
      name={t("stop.title")}
      why={{ kind: "view", type: "stop_loss", subject: first?.view.subject ?? symbols[0] ?? "" }}
      look={look}
      number={<span className="num">{stop === null ? DASH : percent(stop)}</span>}
      sentence={blind.length > 0 ? `${said} ${t("stop.blind", { symbols: blind.join(", ") })}` : said}
      since={alerts[0]?.view.since ?? null}
    >
      <ul className={styles.lights}>
        {nearest.slice(0, most).map(({ view, change, alert }) => (
          <li key={view.subject} data-alert={alert}>
            <span className={styles.lamp}>
              <Icon name={alert ? "stop" : "hold"} size={14} />
              <span className="visually-hidden">{t(alert ? "stop.alert" : "stop.clear")}</span>
            </span>
            <span>
              <b>{view.subject}</b>{" "}
              {flagOf(view.data, "tradable") === false && <small>{t("stop.watchedOnly")}</small>}
            </span>
            <Delta value={change} />
          </li>
        ))}
      </ul>
    </SignalCard>
  );
}

/** A signal of the catalogue that has no card of its own: its verdict and its numbers. */
export function PluginCard({ type, subject, title }: { type: string; subject: string; title: string }) {
  const { t } = useTranslation();
  const view = useView(type, subject);
  const numbers = Object.entries(view?.data ?? {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number",
  );
  return (
    <SignalCard
      title={`${title} · ${subject}`}
      name={title}
      why={{ kind: "view", type, subject }}
      look={shownView(type, view)}
      number={
        lackingOf(view?.data).length > 0 ? <Badge tone="unknown">{t("state.insufficient_data")}</Badge> : null
      }
      sentence={sentenceOfView(t, view)}
      since={view?.since ?? null}
    >
      <dl className={styles.legs}>
        {numbers.slice(0, 4).map(([key, value]) => (
          <div key={key}>
            <dt>{key.replaceAll("_", " ")}</dt>
            <dd className="num">{signed(value)}</dd>
          </div>
        ))}
      </dl>
    </SignalCard>
  );
}
