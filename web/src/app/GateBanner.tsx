import { useTranslation } from "react-i18next";
import { usePreferences } from "./preferences";
import { percent } from "@/format/numbers";
import { decidesAt } from "@/format/market";
import { clock, span } from "@/format/times";
import { WhyButton } from "@/signals/WhyButton";
import { useAge, useConfig, useModel, useTradeDay, useStream, useSeconds } from "@/stream/hooks";
import { Button, Icon, type IconName } from "@/ui";
import styles from "./GateBanner.module.css";
import { useGate } from "./useGate";

const ICONS: Record<string, IconName> = { ban: "ban", wait: "wait", ok: "ok", bad: "stop", quiet: "info" };

/** The line under the pulse: may I buy today, and is the data alive. */
export function GateBanner() {
  const { t, i18n } = useTranslation();
  const gate = useGate();
  const opensAt = useTradeDay()?.opens_at ?? null;
  const config = useConfig();
  const minutes = config?.parameters.gold_observe_minutes ?? null;
  const values = {
    gold: gate.gold,
    change: percent(gate.change),
    minutes,
    at: clock(decidesAt({ opens_at: opensAt }, minutes), "et", false),
  };
  const up = gate.up && i18n.exists(`gate.${gate.kind}.up`);
  return (
    <div className={styles.banner} data-tone={gate.tone} data-kind={gate.kind} role="status">
      <Icon name={ICONS[gate.tone] ?? "info"} size={18} />
      <p>
        <strong>{t(`gate.${gate.kind}.${up ? "up" : "title"}`, values)}</strong>{" "}
        <span className={styles.detail}>
          {gate.tone === "bad" ? <Outage kind={gate.kind} /> : t(`gate.${gate.kind}.detail`, values)}
        </span>
      </p>
      {gate.tone !== "bad" && gate.kind !== "loading" && gate.kind !== "waiting" && (
        <WhyButton target={{ kind: "view", type: "gold", subject: gate.gold }} subject={t("signal.gold")} />
      )}
    </div>
  );
}

/** What is not coming, of when what is shown is, and when it is tried again. */
function Outage({ kind }: { kind: string }) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const { store, retryNow } = useStream();
  const now = useSeconds();
  const asOf = useModel((model) => newest([...model.prices.values()].map((price) => price.event_time)));
  const retryAt = useModel(() => store.connection.retryAt);
  const silent = span(useAge());
  const values = {
    at: `${clock(asOf, zone)} ${t(`zone.${zone}`)}`,
    age: silent ? t(`time.${silent.unit}`, { n: silent.text }) : "",
  };
  return (
    <>
      {t(`gate.${kind}.detail`, values)}{" "}
      {kind === "offline" && (
        <>
          {retryAt === null
            ? t("gate.retrying")
            : t("gate.retryIn", { seconds: Math.max(1, Math.ceil((retryAt - now) / 1000)) })}{" "}
          <Button kind="quiet" icon="refresh" className={styles.retry} onClick={retryNow}>
            {t("gate.retryNow")}
          </Button>
        </>
      )}
    </>
  );
}

const newest = (times: readonly (string | null)[]): string | null =>
  times.reduce<string | null>(
    (best, time) => (time !== null && (best === null || time > best) ? time : best),
    null,
  );
