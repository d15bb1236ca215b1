import { useTranslation } from "react-i18next";
import { signalOf } from "@/signals/words";
import { Icon } from "@/ui";
import styles from "./Verdict.module.css";
import { findingsOf, levelOf, type Finding, type Health, type Level } from "./health";

const ICONS = { ok: "ok", quiet: "info", warn: "stop", bad: "ban" } as const;

/** One sentence on whether to rely on what is shown, then what is wrong and what it means. */
export function Verdict({
  health,
  reachable,
  at,
}: {
  health: Health | null;
  reachable: boolean;
  at: string;
}) {
  const { t } = useTranslation();
  const findings: readonly Finding[] = !reachable
    ? [{ level: "bad", key: health ? "unreachable" : "never", values: { at } }]
    : health
      ? findingsOf(health)
      : [];
  const level: Level = levelOf(findings);
  const kind = !reachable
    ? "unreachable"
    : health?.producer.feed === "closed" && level === "ok"
      ? "closed"
      : level;
  const values = (finding: Finding) =>
    finding.key === "behind"
      ? {
          agents: String(finding.values["agents"])
            .split(", ")
            .map((name) => signalOf(t, name))
            .join(", "),
        }
      : finding.values;
  return (
    <section className={styles.verdict} data-level={level} role="status">
      <Icon name={ICONS[level]} size={22} />
      <div>
        <h2>{t(`health.verdict.${kind}`)}</h2>
        {findings.length === 0 ? (
          <p>{t(`health.verdict.about.${kind}`)}</p>
        ) : (
          <ul>
            {findings.map((finding) => (
              <li key={finding.key}>{t(`health.finding.${finding.key}`, values(finding))}</li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
