import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { count, DASH } from "@/format/numbers";
import { clock, dateTime, day, span } from "@/format/times";
import { Badge, Button, Card, Page, Skeleton, Stat, Stats } from "@/ui";
import { Agents } from "./Agents";
import { DeadLetters } from "./DeadLetters";
import { Tickers } from "./Tickers";
import { Verdict } from "./Verdict";
import { check, feedLevel, type Health, type Level } from "./health";
import styles from "./index.module.css";

const EVERY_MS = 3000;

export default function HealthPage() {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const { data, isError, dataUpdatedAt, isFetching, refetch } = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => check(signal),
    refetchInterval: EVERY_MS,
    retry: false,
    staleTime: 0,
  });
  const at = dataUpdatedAt === 0 ? DASH : `${clock(dataUpdatedAt, zone)} ${t(`zone.${zone}`)}`;
  return (
    <Page
      title={t("nav.health")}
      about={t("health.about")}
      actions={
        <>
          <span className={styles.checked}>{t("health.checked", { at })}</span>
          <Button icon="refresh" disabled={isFetching && !data} onClick={() => void refetch()}>
            {t("health.checkNow")}
          </Button>
        </>
      }
    >
      {data || isError ? (
        <div className={styles.page} data-current={!isError}>
          <Verdict health={data?.health ?? null} reachable={!isError} at={at} />
          <Parts health={data?.health ?? null} reachable={!isError} tookMs={data?.tookMs ?? null} />
          {data && (
            <>
              <div className={styles.tables}>
                <div className={styles.column}>
                  <Tickers health={data.health} reachable={!isError} />
                  <DeadLetters />
                </div>
                <div className={styles.column}>
                  <Agents health={data.health} reachable={!isError} />
                  <Facts health={data.health} />
                </div>
              </div>
            </>
          )}
        </div>
      ) : (
        <div className={styles.page} aria-hidden="true">
          <Card>
            <Skeleton height={48} />
          </Card>
          <div className={styles.parts}>
            {[0, 1, 2, 3].map((n) => (
              <Card key={n}>
                <Skeleton height={120} />
              </Card>
            ))}
          </div>
        </div>
      )}
    </Page>
  );
}

/** The four things that data pass through. Of those behind a server that is silent nothing is known. */
function Parts({
  health,
  reachable,
  tookMs,
}: {
  health: Health | null;
  reachable: boolean;
  tookMs: number | null;
}) {
  const { t } = useTranslation();
  const known = reachable ? health : null;
  const age = span(known?.producer.last_tick_age_ms, true);
  const symbols = known ? Object.keys(known.tickers).length : null;
  const feed = known?.producer.feed ?? "unknown";
  return (
    <div className={styles.parts}>
      <Part name="server" state={reachable ? "up" : "down"} level={reachable ? "ok" : "bad"}>
        <Stat label={t("health.took")}>{tookMs === null ? DASH : t("health.ms", { n: count(tookMs) })}</Stat>
        <Stat label={t("health.clients")}>{count(known?.clients)}</Stat>
      </Part>
      <Part name="feed" state={feed} level={known ? feedLevel(feed) : null}>
        <Stat label={t("health.age")}>{age ? t(`time.${age.unit}`, { n: age.text }) : DASH}</Stat>
        <Stat label={t("health.symbols")}>
          {known ? `${count(known.producer.symbols_ok)}/${count(symbols)}` : DASH}
        </Stat>
      </Part>
      <Part
        name="kafka"
        state={known ? (known.kafka.status === "up" ? "up" : "down") : "unknown"}
        level={known ? (known.kafka.status === "up" ? "ok" : "bad") : null}
      >
        <Stat label={t("health.records")}>{count(known?.ticks.end)}</Stat>
      </Part>
      <Part
        name="postgres"
        state={known ? (known.postgres.status === "up" ? "up" : "down") : "unknown"}
        level={known ? (known.postgres.status === "up" ? "ok" : "bad") : null}
      >
        {known?.postgres.reason != null && <Stat label={t("health.reason")}>{known.postgres.reason}</Stat>}
      </Part>
    </div>
  );
}

interface PartProps {
  name: "server" | "feed" | "kafka" | "postgres";
  state: string;
  level: Level | null;
  children?: ReactNode;
}

function Part({ name, state, level, children }: PartProps) {
  const { t } = useTranslation();
  return (
    <Card
      data-part={name}
      title={t(`health.part.${name}`)}
      aside={
        <Badge tone={level ?? "unknown"} size="s">
          {t(`health.state.${name === "feed" ? "feed." : ""}${state}`, { defaultValue: state })}
        </Badge>
      }
    >
      <p className={styles.meaning}>
        {t(`health.means.${name}.${state}`, { defaultValue: t("health.means.unknown") })}
      </p>
      <Stats>{children}</Stats>
    </Card>
  );
}

function Facts({ health }: { health: Health }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const time = (at: string | null) =>
    at === null ? DASH : `${dateTime(at, zone, i18n.language)} ${t(`zone.${zone}`)}`;
  const rows: [string, string][] = [
    ["data", t(health.demo ? "health.demo" : "health.live")],
    ["namespace", health.namespace],
    ["tradeDate", day(health.trade_date, i18n.language)],
    ["session", t(`session.${health.session ?? "unknown"}`)],
    ["marketTime", time(health.market_time)],
    ["serverTime", time(health.server_time)],
    ["version", health.parameters.version === null ? DASH : `v${health.parameters.version}`],
  ];
  return (
    <Card title={t("health.facts")}>
      <dl className={styles.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`health.fact.${name}`)}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
