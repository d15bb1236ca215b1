import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { useRegistry } from "@/data/queries";
import { compact, count, DASH, fixed } from "@/format/numbers";
import { clock, day } from "@/format/times";
import { isCurrent } from "@/stream/feed";
import { useConfig, useFeed, useModel, usePrice, useView } from "@/stream/hooks";
import type { SignalData, SignalEvent, Verdict } from "@/stream/types";
import { Badge, Delta, Sheet } from "@/ui";
import { SignalBadge } from "./SignalBadge";
import type { WhyTarget } from "./WhyContext";
import styles from "./WhyPanel.module.css";
import { lackingOf, listOf } from "./data";
import { isPending, shown, shownEvent, shownView } from "./verdict";
import { inputsOf, thresholdsOf } from "./why";
import { reasonOf, sentenceOf, signalOf, subjectOf } from "./words";

export default function WhyPanel({ target, onClose }: { target: WhyTarget | null; onClose: () => void }) {
  const { t } = useTranslation();
  const registry = useRegistry();
  const title = (() => {
    if (!target) return "";
    if (target.kind === "ticker") return target.symbol;
    const { type, subject } =
      target.kind === "view" ? target : { type: target.event.signal_type, subject: target.event.subject };
    const [signal, name] = [signalOf(t, type), subjectOf(t, type, subject, registry)];
    return signal === name ? signal : `${signal} · ${name}`;
  })();
  return (
    <Sheet open={target !== null} onClose={onClose} title={title}>
      {target?.kind === "view" && <ViewWhy type={target.type} subject={target.subject} />}
      {target?.kind === "event" && <EventWhy event={target.event} />}
      {target?.kind === "ticker" && <TickerWhy symbol={target.symbol} />}
    </Sheet>
  );
}

const useNamespace = () => useModel((model) => model.status?.namespace ?? null);

/** `demo.ticks @ 66,026`: a record that anybody can read for themselves. */
const positionText = (namespace: string | null, position: number | null) =>
  namespace === null || position === null ? DASH : `${namespace}.ticks @ ${count(position)}`;

function ViewWhy({ type, subject }: { type: string; subject: string }) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const view = useView(type, subject);
  const gate = useView("gold", "gate");
  const namespace = useNamespace();
  const config = useConfig();
  const current = isCurrent(useFeed());
  const look = shownView(type, view);
  if (!view) return <p className="muted">{t("why.state.none")}</p>;
  return (
    <div className={styles.panel} data-current={current}>
      <p className={styles.verdict}>
        <SignalBadge look={look} stale={!current} />
        {isPending(view) && (
          <Badge tone="wait" size="s">
            {t("why.confirming")}
          </Badge>
        )}
      </p>
      <p className={styles.sentence}>{sentenceOf(t, view)}</p>
      {isPending(view) && (
        <p className="muted">{t("why.pendingNote", { seconds: config?.parameters.confirm_sec ?? DASH })}</p>
      )}
      <Findings
        type={type}
        subject={subject}
        data={view.data}
        heldBy={type === "gold" ? listOf(gate?.data, "reasons") : look.heldBy}
      />
      <h3>{t("why.origin")}</h3>
      <dl className={styles.facts}>
        <Row label={t("why.since")} value={clock(view.since, zone)} />
        <Row label={t("why.asOf")} value={clock(view.event_time, zone)} />
        <Row label={t("why.version")} value={`v${view.parameter_version}`} />
        <Row label={t("why.position")} value={positionText(namespace, view.position)} />
      </dl>
    </div>
  );
}

function EventWhy({ event }: { event: SignalEvent }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const look = shownEvent(event);
  const before: Verdict | null = event.before;
  return (
    <div className={styles.panel}>
      <p className={styles.verdict}>
        {before && <SignalBadge look={{ ...shown(event.signal_type, before), heldBy: [] }} size="s" past />}
        {before && <span aria-hidden="true">→</span>}
        <SignalBadge look={look} />
      </p>
      <p className={styles.sentence}>
        {sentenceOf(t, {
          signal_type: event.signal_type,
          subject: event.subject,
          verdict: event.after,
          data: event.data,
        })}
      </p>
      <Findings type={event.signal_type} subject={event.subject} data={event.data} heldBy={look.heldBy} />
      <h3>{t("why.origin")}</h3>
      <dl className={styles.facts}>
        <Row
          label={t("why.at")}
          value={`${day(event.trade_date, i18n.language)} · ${clock(event.event_time, zone)}`}
        />
        <Row label={t("why.session")} value={t(`session.${event.session}`)} />
        <Row label={t("why.version")} value={`v${event.parameter_version ?? DASH}`} />
        <Row label={t("why.position")} value={positionText(event.namespace, event.position)} />
        <Row label={t("why.eventId")} value={event.event_id.slice(0, 12)} />
      </dl>
    </div>
  );
}

function Findings({
  type,
  subject,
  data,
  heldBy,
}: {
  type: string;
  subject: string;
  data: SignalData;
  heldBy: readonly string[];
}) {
  const { t } = useTranslation();
  const thresholds = thresholdsOf(data);
  const lacking = lackingOf(data);
  return (
    <>
      <h3>{t("why.inputs")}</h3>
      <dl className={styles.facts}>
        {inputsOf(type, subject, data).map((fact) => {
          const label = fact.name ?? t(`why.${fact.label ?? ""}`);
          const value =
            fact.kind === "word" ? (
              t(fact.value)
            ) : fact.change === undefined ? (
              fact.value
            ) : (
              <Delta value={fact.change} />
            );
          return <Row key={label} label={label} value={value} />;
        })}
        {lacking.length > 0 && <Row label={t("why.lacking")} value={lacking.join(", ")} />}
      </dl>
      {thresholds.length > 0 && (
        <>
          <h3>{t("why.thresholds")}</h3>
          <dl className={styles.facts}>
            {thresholds.map(({ name, value }) => (
              <Row key={name} label={t(`threshold.${name}`, { defaultValue: name })} value={value} />
            ))}
          </dl>
        </>
      )}
      <h3>{t("why.heldBack")}</h3>
      {heldBy.length === 0 ? (
        <p className="muted">{t("why.nothing")}</p>
      ) : (
        <ul className={styles.reasons}>
          {heldBy.map((code) => (
            <li key={code}>
              <Badge tone="wait" size="s">
                {reasonOf(t, code)}
              </Badge>
              <span className="muted">{t(`reason.about.${code}`, { defaultValue: "" })}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function TickerWhy({ symbol }: { symbol: string }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const price = usePrice(symbol);
  const namespace = useNamespace();
  const ticker = useRegistry()?.tickers.find((one) => one.symbol === symbol);
  const current = isCurrent(useFeed());
  if (!price) return <p className="muted">{t("quote.missing")}</p>;
  const ok = price.state === "ok";
  return (
    <div className={styles.panel} data-current={current && ok}>
      <p className="muted">{i18n.language === "ko" ? price.name : price.name_en}</p>
      <p className={styles.price}>
        <span className="num">{fixed(price.price)}</span>
        <Delta value={price.change_pct} />
      </p>
      {!ok && (
        <p>
          <Badge tone="unknown">{t(`quote.${price.state}`)}</Badge>{" "}
          <span className="muted">{price.reason}</span>
        </p>
      )}
      <dl className={styles.facts}>
        <Row label={t("quote.prevClose")} value={fixed(price.prev_close)} />
        <Row label={t("quote.open")} value={fixed(price.open)} />
        <Row label={t("quote.high")} value={fixed(price.high)} />
        <Row label={t("quote.low")} value={fixed(price.low)} />
        <Row label={t("quote.volume")} value={compact(price.volume, i18n.language)} />
        <Row label={t("quote.bid")} value={fixed(price.bid)} />
        <Row label={t("quote.ask")} value={fixed(price.ask)} />
        <Row label={t("quote.tradedAt")} value={clock(price.traded_at, zone)} />
        <Row label={t("quote.asOf")} value={clock(price.event_time, zone)} />
        <Row label={t("quote.source")} value={price.source ?? DASH} />
        {ticker && <Row label={t("quote.exchange")} value={`${ticker.exchange} · ${ticker.leverage}x`} />}
        {ticker && (
          <Row label={t("quote.rules")} value={ticker.rules.map((rule) => signalOf(t, rule)).join(", ")} />
        )}
        <Row label={t("why.position")} value={positionText(namespace, price.position)} />
      </dl>
    </div>
  );
}

function Row({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div className={styles.row}>
      <dt>{label}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}
