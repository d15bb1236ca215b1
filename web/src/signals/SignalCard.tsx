import { useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { clock, span } from "@/format/times";
import { isCurrent } from "@/stream/feed";
import { useFeed, useMarketTime, useSignalHeard } from "@/stream/hooks";
import { Card, Icon } from "@/ui";
import { SignalBadge } from "./SignalBadge";
import styles from "./SignalCard.module.css";
import { WhyButton } from "./WhyButton";
import type { WhyTarget } from "./WhyContext";
import type { Shown } from "./verdict";
import { reasonsOf } from "./words";

interface Props {
  title: ReactNode;
  /** The title as plain words. */
  name: string;
  why: WhyTarget;
  look: Shown;
  /** Beside the verdict: the number that decided it. */
  number: ReactNode;
  /** Why it is so, in one line. */
  sentence: string;
  since: string | null;
  /** A new value is being confirmed. */
  pending?: boolean;
  /** The picture. */
  children?: ReactNode;
  className?: string;
}

/** One verdict: the word, the number that decided it, the picture, the reason. */
export function SignalCard({
  title,
  name,
  why,
  look,
  number,
  sentence,
  since,
  pending = false,
  children,
  className,
}: Props) {
  const { t } = useTranslation();
  const current = isCurrent(useFeed());
  const ground = useRef<HTMLDivElement>(null);
  useSignalHeard((event) => {
    const mine =
      why.kind === "view" &&
      why.type === event.signal_type &&
      (why.subject === event.subject || why.type === "stop_loss");
    if (!mine || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    ground.current?.animate([{ opacity: 1 }, { opacity: 0 }], { duration: 2000, easing: "ease-out" });
  });
  return (
    <Card
      className={[styles.card, className].join(" ")}
      title={title}
      aside={<WhyButton target={why} subject={name} />}
    >
      <div ref={ground} className={styles.ring} aria-hidden="true" />
      <div className={styles.verdict}>
        <SignalBadge look={look} stale={!current} />
        <span className={styles.number}>{number}</span>
      </div>
      {children}
      <p className={styles.sentence}>
        {pending && current && <Icon name="wait" size={14} />}
        {pending && !current ? t("signal.unconfirmed") : sentence}
      </p>
      <footer className={styles.foot}>
        <span>{look.heldBy.length > 0 && t("signal.held", { reasons: reasonsOf(t, look.heldBy) })}</span>
        <Since at={since} />
      </footer>
    </Card>
  );
}

/** Since when the verdict stands, on the market's clock. */
export function Since({ at }: { at: string | null }) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const market = useMarketTime();
  if (at === null) return null;
  const age = market === null ? null : span(market - Date.parse(at));
  return (
    <time className="num" dateTime={at} title={`${clock(at, zone)} ${t(`zone.${zone}`)}`}>
      {age ? t(`time.ago.${age.unit}`, { n: age.text }) : clock(at, zone)}
    </time>
  );
}
