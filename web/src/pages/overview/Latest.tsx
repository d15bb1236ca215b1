import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EventRow } from "@/signals/EventRow";
import { isNews } from "@/signals/verdict";
import { useEvents, useModel } from "@/stream/hooks";
import { Card, classes, EmptyState } from "@/ui";
import styles from "./Overview.module.css";

/** The newest changes of signals. */
export function Latest({ className, most = 8 }: { className?: string | undefined; most?: number }) {
  const { t } = useTranslation();
  const events = useEvents();
  const fresh = useModel((model) => model.fresh);
  const news = useMemo(() => events.filter(isNews).slice(0, most), [events, most]);
  return (
    <Card
      className={classes(styles.feed, className)}
      flush
      title={t("overview.events")}
      aside={
        <Link className={styles.all} to="/signals">
          {t("overview.allEvents")}
        </Link>
      }
    >
      {news.length === 0 ? (
        <EmptyState title={t("signals.none")}>{t("signals.noneAbout")}</EmptyState>
      ) : (
        <ul>
          {news.map((event) => (
            <EventRow key={event.event_id} event={event} fresh={fresh.has(event.event_id)} />
          ))}
        </ul>
      )}
    </Card>
  );
}
