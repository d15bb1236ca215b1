import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { useRegistry } from "@/data/queries";
import { fixed } from "@/format/numbers";
import { clock } from "@/format/times";
import { SignalBadge } from "@/signals/SignalBadge";
import { shownEvent } from "@/signals/verdict";
import { WhyButton } from "@/signals/WhyButton";
import { signalOf, subjectOf } from "@/signals/words";
import type { SignalEvent } from "@/stream/types";
import { Card, Delta, EmptyState } from "@/ui";
import styles from "./Player.module.css";
import type { Snapshot } from "./data";
import { changeOf, inOrder } from "./moment";

const SHOWN = 12;

/** The newest signals up to the moment; a time leads to it. */
export function Feed({
  events,
  until,
  onSeek,
}: {
  events: readonly SignalEvent[];
  until: string;
  onSeek: (event: SignalEvent) => void;
}) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const registry = useRegistry();
  const limit = Date.parse(until);
  const shown = events
    .filter((event) => Date.parse(event.event_time) <= limit)
    .slice(-SHOWN)
    .reverse();
  return (
    <Card title={t("review.feed")}>
      {shown.length === 0 ? (
        <EmptyState icon="signals" title={t("review.noEvents")} />
      ) : (
        <ol className={styles.feed}>
          {shown.map((event) => {
            const subject = subjectOf(t, event.signal_type, event.subject, registry);
            const signal = signalOf(t, event.signal_type);
            return (
              <li key={event.event_id}>
                <button
                  type="button"
                  className={styles.time}
                  title={t("review.goTo")}
                  onClick={() => onSeek(event)}
                >
                  {clock(event.event_time, zone, false)}
                </button>
                <span>{signal === subject ? signal : `${signal} ${subject}`}</span>
                <SignalBadge look={shownEvent(event)} size="s" />
                <WhyButton target={{ kind: "event", event }} subject={subject} />
              </li>
            );
          })}
        </ol>
      )}
    </Card>
  );
}

/** All prices of the moment. One that was not traded in this bar is an older price and says so. */
export function Quotes({ snapshot }: { snapshot: Snapshot }) {
  const { t } = useTranslation();
  const registry = useRegistry();
  const quotes = inOrder(
    Object.values(snapshot.tickers).filter((quote) => quote !== undefined),
    (quote) => quote.symbol,
    registry?.tickers.map((ticker) => ticker.symbol) ?? [],
  );
  return (
    <Card title={t("review.quotes")}>
      <ul className={styles.quotes}>
        {quotes.map((quote) => (
          <li key={quote.symbol} data-current={quote.state === "ok" && quote.carried !== true}>
            <b>{quote.symbol}</b>
            <span className="num" title={quote.carried ? t("review.carried") : undefined}>
              {fixed(quote.state === "ok" ? quote.last : null)}
            </span>
            <Delta value={changeOf(quote)} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
