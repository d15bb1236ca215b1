import { useTranslation } from "react-i18next";
import { useDayEvents } from "@/charts/useDay";
import { EventRow } from "@/signals/EventRow";
import { Card, EmptyState } from "@/ui";

/** What changed today in one signal. */
export function DayLog({ type, most = 8 }: { type: string; most?: number }) {
  const { t } = useTranslation();
  const events = useDayEvents(type);
  return (
    <Card flush title={t("overview.today")} level={3}>
      {events.length === 0 ? (
        <EmptyState title={t("signals.none")} />
      ) : (
        <ul>
          {events.slice(0, most).map((event) => (
            <EventRow key={event.event_id} event={event} />
          ))}
        </ul>
      )}
    </Card>
  );
}
