import { useTranslation } from "react-i18next";
import { useRegistry } from "@/data/queries";
import { signed } from "@/format/numbers";
import { flagOf, numberOf, recordOf, textOf, triggersOf } from "@/signals/data";
import { SignalBadge } from "@/signals/SignalBadge";
import { shownView, type Shown } from "@/signals/verdict";
import { WhyButton } from "@/signals/WhyButton";
import { reasonsOf, sentenceOfView, signalOf, subjectOf } from "@/signals/words";
import type { SignalEvent, SignalView } from "@/stream/types";
import { Card, Delta, Icon } from "@/ui";
import styles from "./Moment.module.css";
import type { Snapshot } from "./data";
import { alertsOf, asEvent, inOrder, viewsOf } from "./moment";

interface Props {
  snapshot: Snapshot;
  events: readonly SignalEvent[];
  run: string;
}

/** The five signals at one moment. */
export function Moment({ snapshot, events, run }: Props) {
  const { t } = useTranslation();
  const registry = useRegistry();
  const gold = viewsOf(snapshot, "gold").find((view) => view.verdict !== null) ?? null;
  const conditional = viewsOf(snapshot, "conditional")[0] ?? null;
  const bearish = viewsOf(snapshot, "bearish")[0] ?? null;
  const triggers = inOrder(
    Object.keys(recordOf(conditional?.data, "triggers")),
    (symbol) => symbol,
    registry?.conditional.triggers ?? [],
  );
  const alerts = alertsOf(snapshot);
  const order = registry?.pairs.map((pair) => pair.key) ?? [];
  const pairs = inOrder(viewsOf(snapshot, "twin_pairs"), (view) => view.subject, order);
  const why = (view: SignalView | null) => {
    const event = view && asEvent(view, events, run);
    return (
      event && (
        <WhyButton
          target={{ kind: "event", event }}
          subject={subjectOf(t, event.signal_type, event.subject, registry)}
        />
      )
    );
  };
  return (
    <div className={styles.cards}>
      <Card title={signalOf(t, "gold")} aside={why(gold)}>
        <p className={styles.verdict}>
          <SignalBadge look={shownView("gold", gold)} />
          <Delta value={numberOf(gold?.data, "change_pct")} />
        </p>
        <p className={styles.sentence}>{sentenceOfView(t, gold)}</p>
      </Card>
      <Card title={signalOf(t, "twin_pairs")}>
        <ul className={styles.rows}>
          {pairs.map((view) => (
            <li key={view.subject}>
              <span>
                <b>{`${textOf(view.data, "lead") ?? ""} → ${textOf(view.data, "follow") ?? ""}`}</b>
                <small className="num">
                  <Delta value={numberOf(view.data, "lead_pct")} /> ·{" "}
                  <Delta value={numberOf(view.data, "follow_pct")} />
                </small>
              </span>
              <span className={styles.end}>
                <SignalBadge look={shownView("twin_pairs", view)} size="s" />
                <small className="num">
                  {t("pair.gap")} {signed(numberOf(view.data, "gap"))}
                </small>
                <Held look={shownView("twin_pairs", view)} />
              </span>
              {why(view)}
            </li>
          ))}
        </ul>
      </Card>
      <Card title={signalOf(t, "conditional")} aside={why(conditional)}>
        <p className={styles.verdict}>
          <SignalBadge look={shownView("conditional", conditional)} />
          <span>
            {textOf(conditional?.data, "target")} <Delta value={numberOf(conditional?.data, "target_pct")} />
          </span>
        </p>
        <ul className={styles.triggers}>
          {triggersOf(conditional?.data, triggers).map((trigger) => (
            <li key={trigger.symbol}>
              <Icon name={trigger.positive === true ? "ok" : "hold"} size={14} />
              {trigger.symbol} <Delta value={trigger.change} />
              <span className="visually-hidden">
                {t(trigger.positive === true ? "cond.up" : "cond.notUp")}
              </span>
            </li>
          ))}
        </ul>
        <p className={styles.sentence}>
          {sentenceOfView(t, conditional)} <Held look={shownView("conditional", conditional)} />
        </p>
      </Card>
      <Card
        title={signalOf(t, "stop_loss")}
        aside={<span className="muted num">{t("stop.count", { n: alerts.length })}</span>}
      >
        {alerts.length === 0 ? (
          <p className="muted">{t("stop.none")}</p>
        ) : (
          <ul className={styles.rows}>
            {alerts.map((view) => (
              <li key={view.subject} data-watched={flagOf(view.data, "tradable") === false}>
                <b>{view.subject}</b>
                <span className={styles.end}>
                  <Delta value={numberOf(view.data, "change_pct")} />
                </span>
                {why(view)}
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title={signalOf(t, "bearish")} aside={why(bearish)}>
        <p className={styles.verdict}>
          <SignalBadge look={shownView("bearish", bearish)} />
          <span className={styles.indices}>
            SPY <Delta value={numberOf(bearish?.data, "spy_pct")} /> · QQQ{" "}
            <Delta value={numberOf(bearish?.data, "qqq_pct")} />
          </span>
        </p>
        <p className={styles.sentence}>{sentenceOfView(t, bearish)}</p>
      </Card>
    </div>
  );
}

/** Why a buy is not to be made now. */
function Held({ look: { heldBy } }: { look: Shown }) {
  const { t } = useTranslation();
  return heldBy.length > 0 && <small>{t("signal.held", { reasons: reasonsOf(t, heldBy) })}</small>;
}
