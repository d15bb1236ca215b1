import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { ApiError } from "@/data/api";
import { count } from "@/format/numbers";
import { dateTime } from "@/format/times";
import { Badge, Card, EmptyState, More, Skeleton } from "@/ui";
import styles from "./DeadLetters.module.css";
import { deadLettersQuery, eachOnce, type Letter } from "./deadLetters";

/** Records that could not be used: each with its reason and place, and a look at what it holds. */
export function DeadLetters() {
  const { t } = useTranslation();
  const pages = useInfiniteQuery(deadLettersQuery());
  const { data, error } = pages;
  const newest = data?.pages[0];
  const letters = eachOnce(data?.pages.flatMap((page) => page.items) ?? []);
  return (
    <Card
      data-part="dead-letters"
      title={t("health.deadLetters.title")}
      aside={
        newest &&
        newest.total > 0 && (
          <span className="muted num">
            {t("health.deadLetters.count", { all: count(newest.total), waiting: count(newest.waiting) })}
          </span>
        )
      }
    >
      {error && (
        <p className={styles.away} role="status">
          {t(
            error instanceof ApiError && error.code === "database_unavailable"
              ? "health.deadLetters.away"
              : "health.deadLetters.failed",
          )}
        </p>
      )}
      {newest ? (
        newest.total === 0 ? (
          <EmptyState icon="ok" title={t("health.deadLetters.none")}>
            {t("health.deadLetters.noneAbout")}
          </EmptyState>
        ) : (
          <>
            <p className={styles.about}>
              {t("health.deadLetters.about")} <code className={styles.code}>ptj dead-letters</code>
            </p>
            <ol className={styles.list} aria-label={t("health.deadLetters.title")}>
              {letters.map((letter) => (
                <Row key={letter.place} letter={letter} />
              ))}
            </ol>
          </>
        )
      ) : (
        !error && <Skeleton height={96} />
      )}
      <More pages={pages} />
    </Card>
  );
}

function Row({ letter }: { letter: Letter }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const time = (at: string) => `${dateTime(at, zone, i18n.language)} ${t(`zone.${zone}`)}`;
  const { place, reason, reported_at: at, reported_by: by, reinjected_at: back } = letter;
  return (
    <li className={styles.row} data-place={place}>
      <p className={styles.head}>
        <code className={styles.code}>{place}</code>
        <Badge tone={back === null ? "warn" : "ok"} size="s">
          {back === null
            ? t("health.deadLetters.waiting")
            : t("health.deadLetters.reinjected", { at: time(back) })}
        </Badge>
      </p>
      <p className={styles.reason}>{reason}</p>
      <p className={styles.meta}>
        <span className="num">{time(at)}</span>
        <span>
          {t("health.deadLetters.by")} <b>{by}</b>
        </span>
        {letter.size !== null && (
          <span className="num">{t("health.deadLetters.bytes", { n: count(letter.size) })}</span>
        )}
      </p>
      <Preview letter={letter} />
    </li>
  );
}

function Preview({ letter: { content, preview, cut } }: { letter: Letter }) {
  const { t } = useTranslation();
  if (content === "none") return <p className={styles.meta}>{t("health.deadLetters.notKept")}</p>;
  if (content === "bytes") return <p className={styles.meta}>{t("health.deadLetters.notText")}</p>;
  return (
    <details className={styles.preview}>
      <summary>{t("health.deadLetters.look")}</summary>
      <pre>
        {preview}
        {cut && "…"}
      </pre>
    </details>
  );
}
