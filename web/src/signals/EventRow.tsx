import { memo } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { useRegistry } from "@/data/queries";
import { clock } from "@/format/times";
import type { SignalEvent } from "@/stream/types";
import styles from "./EventRow.module.css";
import { SignalBadge } from "./SignalBadge";
import { useWhy } from "./WhyContext";
import { shown, shownEvent } from "./verdict";
import { reasonsOf, sentenceOf, signalOf, subjectOf } from "./words";

interface Props {
  event: SignalEvent;
  /** With the reason, what holds it back and what it was before; else one line. */
  whole?: boolean;
  /** It came while the page was open. */
  fresh?: boolean;
}

/** A change of a verdict. A click opens why. */
export const EventRow = memo(function EventRow({ event, whole = false, fresh = false }: Props) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const registry = useRegistry();
  const why = useWhy();
  const look = shownEvent(event);
  const { signal_type: type, subject } = event;
  return (
    <li className={styles.row} data-event={event.event_id} data-fresh={fresh}>
      <button
        type="button"
        className={styles.button}
        data-whole={whole}
        onClick={() => why({ kind: "event", event })}
      >
        <time className={`num ${styles.time ?? ""}`} dateTime={event.event_time}>
          {clock(event.event_time, zone)}
        </time>
        <span className={styles.subject}>
          <b>{subjectOf(t, type, subject, registry)}</b>
          {type !== "bearish" && <small>{signalOf(t, type)}</small>}
        </span>
        <span className={styles.change}>
          {whole && event.before && (
            <>
              <SignalBadge look={{ ...shown(type, event.before), heldBy: [] }} size="s" past />
              <span aria-hidden="true">→</span>
            </>
          )}
          <SignalBadge look={look} size="s" />
        </span>
        {whole && (
          <>
            <span className={styles.sentence}>
              {sentenceOf(t, { signal_type: type, subject, verdict: event.after, data: event.data })}
            </span>
            {look.heldBy.length > 0 && (
              <span className={styles.held}>{t("signal.held", { reasons: reasonsOf(t, look.heldBy) })}</span>
            )}
          </>
        )}
      </button>
    </li>
  );
});
