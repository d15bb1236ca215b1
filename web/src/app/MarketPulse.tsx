import { useTranslation } from "react-i18next";
import { useRegistry } from "@/data/queries";
import { fixed } from "@/format/numbers";
import { nextStop } from "@/format/market";
import { clock, countdown, span } from "@/format/times";
import {
  sameItems,
  useAge,
  useConfig,
  useFeed,
  useMarketTime,
  useModel,
  usePrice,
  useTradeDay,
} from "@/stream/hooks";
import { useWhy } from "@/signals/WhyContext";
import { Badge, Button, Delta } from "@/ui";
import { Flash } from "@/ui/Flash";
import styles from "./MarketPulse.module.css";
import { Settings } from "./Settings";
import { preferences, usePreferences } from "./preferences";

/** The bar on top: is the data alive, where is the market, what time is it and what comes next. */
export function MarketPulse({ onMenu, expanded }: { onMenu: () => void; expanded: boolean }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const registry = useRegistry();
  const symbols = registry ? [registry.gold, ...registry.indices] : [];
  const demo = useTradeDay()?.demo ?? false;
  return (
    <header className={styles.pulse}>
      <Button
        className={styles.menu}
        kind="quiet"
        icon="menu"
        label={t("nav.toggle")}
        aria-expanded={expanded}
        onClick={onMenu}
      />
      <span className={styles.brand}>PTJ Signals</span>
      <Connection />
      {demo && (
        <span className={styles.demo} title={t("feed.demoAbout")}>
          {t("feed.demo")}
        </span>
      )}
      <ul className={styles.quotes} aria-label={t("pulse.label")}>
        {symbols.map((symbol) => (
          <Quote key={symbol} symbol={symbol} />
        ))}
      </ul>
      <Clocks />
      <div className={styles.controls}>
        <Button
          kind="quiet"
          className={styles.language}
          aria-label={t("settings.otherLanguage")}
          onClick={() => preferences.set("language", language === "ko" ? "en" : "ko")}
        >
          {language === "ko" ? "EN" : "한국어"}
        </Button>
        <Settings />
      </div>
    </header>
  );
}

const TONES = {
  connecting: "quiet",
  live: "ok",
  stale: "warn",
  closed: "quiet",
  waiting: "quiet",
  offline: "bad",
} as const;

const NONE: readonly string[] = [];

function Connection() {
  const { t } = useTranslation();
  const feed = useFeed();
  const missing = useModel((model) => model.status?.symbols_missing ?? NONE, sameItems);
  const age = span(useAge(), true);
  const values = { age: age ? t(`time.${age.unit}`, { n: age.text }) : "" };
  return (
    <span
      className={styles.connection}
      data-feed={feed}
      title={missing.length > 0 ? t("feed.missing", { symbols: missing.join(", ") }) : undefined}
    >
      <Badge tone={TONES[feed]} size="s">
        {t(`feed.${feed}`, values)}
      </Badge>
    </span>
  );
}

function Quote({ symbol }: { symbol: string }) {
  const price = usePrice(symbol);
  const why = useWhy();
  return (
    <li>
      <button
        type="button"
        className={styles.quote}
        data-current={price?.state === "ok" ? undefined : "false"}
        onClick={() => why({ kind: "ticker", symbol })}
      >
        <b>{symbol}</b>
        <Flash value={price?.price ?? null}>
          <span className="num">{fixed(price?.price)}</span>
        </Flash>
        <Delta value={price?.change_pct} />
      </button>
    </li>
  );
}

/** Seoul, New York and Los Angeles, the session and what it runs to. */
function Clocks() {
  const { t } = useTranslation();
  const day = useTradeDay();
  const minutes = useConfig()?.parameters.gold_observe_minutes ?? null;
  const at = useMarketTime();
  const next = day ? nextStop(day, minutes, at) : null;
  const session = day?.session ?? null;
  return (
    <div className={styles.clocks}>
      <span className={styles.session}>
        <b>
          {session === null
            ? t("session.unknown")
            : next?.kind === "decision"
              ? t("session.observing")
              : t(`session.${session}`)}
        </b>
        {next && (
          <span className="num">{t(`session.until.${next.kind}`, { time: countdown(next.inMs) })}</span>
        )}
      </span>
      <ul className={styles.zones} aria-label={t("pulse.clocks")}>
        {(["kst", "et", "pt"] as const).map((zone) => (
          <li key={zone} data-zone={zone}>
            <span className="muted">{t(`zone.${zone}`)}</span>{" "}
            <time className="num">{clock(at, zone, zone === "et")}</time>
          </li>
        ))}
      </ul>
    </div>
  );
}
