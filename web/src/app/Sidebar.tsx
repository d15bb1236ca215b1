import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useRegistry } from "@/data/queries";
import { count, percent, plain } from "@/format/numbers";
import { useConfig } from "@/stream/hooks";
import { Icon, Skeleton } from "@/ui";
import { DESTINATIONS } from "./navigation";
import styles from "./Sidebar.module.css";

/** Where one can go. `compact`: icons alone, named by their tips. */
export function Navigation({ compact = false, onGo }: { compact?: boolean; onGo?: () => void }) {
  const { t } = useTranslation();
  return (
    <nav className={styles.nav} aria-label={t("nav.pages")}>
      {DESTINATIONS.map(({ path, name, group }, i) => (
        <Fragment key={path}>
          {group !== DESTINATIONS[i - 1]?.group && i > 0 && <hr className={styles.rule} />}
          <NavLink
            to={path}
            end={path === "/"}
            className={styles.link}
            title={compact ? t(`nav.${name}`) : undefined}
            aria-label={compact ? t(`nav.${name}`) : undefined}
            onClick={onGo}
          >
            <Icon name={name} size={18} />
            {!compact && <span>{t(`nav.${name}`)}</span>}
          </NavLink>
        </Fragment>
      ))}
    </nav>
  );
}

/** The rules in words, with the numbers that are in force. */
export function Rules() {
  const { t } = useTranslation();
  const config = useConfig();
  const registry = useRegistry();
  if (!config || !registry) {
    return (
      <section className={styles.rules}>
        <h2>{t("rules.title")}</h2>
        <Skeleton height={120} />
      </section>
    );
  }
  const p = config.parameters;
  const { conditional, bearish, indices, gold } = registry;
  const rules: { name: string; lines: string[] }[] = [
    {
      name: "gold",
      lines: [
        t("rules.gold", { gold, minutes: p.gold_observe_minutes, threshold: percent(p.gold_threshold_pct) }),
      ],
    },
    {
      name: "twins",
      lines: [
        t("rules.twinsEntry", { entry: plain(p.pair_gap_entry_threshold) }),
        t("rules.twinsSell", { sell: plain(p.pair_gap_sell_threshold) }),
        t("rules.amount", { amount: count(p.max_trade_amount_krw), minutes: p.split_buy_interval_min }),
      ],
    },
    {
      name: "conditional",
      lines: [
        t("rules.conditional", {
          triggers: conditional.triggers.join(" · "),
          threshold: percent(p.conditional_trigger_pct),
          target: conditional.target,
        }),
      ],
    },
    {
      name: "stop",
      lines: [
        p.stop_loss_pct === null ? t("rules.stopOff") : t("rules.stop", { stop: percent(p.stop_loss_pct) }),
      ],
    },
    {
      name: "bearish",
      lines: [
        t("rules.bearish", {
          indices: indices.join(" · "),
          threshold: percent(p.bearish_index_threshold_pct),
          picks: bearish.join(" · "),
        }),
      ],
    },
    { name: "day", lines: [t("rules.day")] },
  ];
  return (
    <section className={styles.rules}>
      <details open>
        <summary>
          <h2>{t("rules.title")}</h2>
          <Icon name="chevronDown" size={14} />
        </summary>
        <ol>
          {rules.map(({ name, lines }) => (
            <li key={name}>
              <h3>{t(`rules.name.${name}`)}</h3>
              {lines.map((line) => (
                <p key={line}>{line}</p>
              ))}
            </li>
          ))}
        </ol>
        <p className={styles.version}>{t("rules.version", { version: config.version })}</p>
      </details>
    </section>
  );
}
