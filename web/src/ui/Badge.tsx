import type { ReactNode } from "react";
import type { Tone } from "@/signals/verdict";
import styles from "./Badge.module.css";
import { Icon, type IconName } from "./Icon";

export type BadgeTone = Tone | "warn" | "bad" | "quiet";

const ICONS: Record<BadgeTone, IconName> = {
  entry: "entry",
  sell: "sell",
  hold: "hold",
  ban: "ban",
  stop: "stop",
  down: "down",
  wait: "wait",
  ok: "ok",
  unknown: "unknown",
  warn: "stop",
  bad: "ban",
  quiet: "info",
};

interface Props {
  tone: BadgeTone;
  children: ReactNode;
  /** Not current: hatched and grey. */
  stale?: boolean;
  /** Held back: outlined instead of filled. */
  held?: boolean;
  /** What was, beside what is. */
  past?: boolean;
  size?: "s" | "m";
}

/** Icon and word: a state is never told by colour alone. */
export function Badge({ tone, children, stale = false, held = false, past = false, size = "m" }: Props) {
  return (
    <span
      className={styles.badge}
      data-tone={tone}
      data-stale={stale}
      data-held={held}
      data-past={past}
      data-size={size}
    >
      <Icon name={ICONS[tone]} size={size === "s" ? 12 : 14} />
      <span>{children}</span>
    </span>
  );
}
