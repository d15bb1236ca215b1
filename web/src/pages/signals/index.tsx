import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { eventPagesQuery } from "@/data/queries";
import { day } from "@/format/times";
import { EventRow } from "@/signals/EventRow";
import { isNews } from "@/signals/verdict";
import { signalOf } from "@/signals/words";
import { isBefore, mergedEvents } from "@/stream/model";
import { useEvents, useGeneration, useModel } from "@/stream/hooks";
import type { SignalEvent } from "@/stream/types";
import { Button, Card, EmptyState, More, Page, Segmented, Skeleton } from "@/ui";
import styles from "./Signals.module.css";

type Range = "news" | "actionable" | "all";

/** Every change of a verdict: the archive first, then live. */
export default function Signals() {
  const { t, i18n } = useTranslation();
  const catalogue = useModel((model) => model.catalogue);
  const [type, setType] = useState("all");
  const [range, setRange] = useState<Range>("news");
  const types = [
    { value: "all", label: t("common.all") },
    ...catalogue.map((one) => ({ value: one.type, label: signalOf(t, one.type, one, i18n.language) })),
  ];
  return (
    <Page
      title={t("nav.signals")}
      about={t("signals.about")}
      actions={
        <>
          <Segmented label={t("signals.filter")} value={type} options={types} onChange={setType} />
          <Segmented
            label={t("signals.kinds")}
            value={range}
            options={[
              { value: "news", label: t("signals.news") },
              { value: "actionable", label: t("signals.actionable") },
              { value: "all", label: t("signals.every") },
            ]}
            onChange={setRange}
          />
        </>
      }
    >
      <Feed type={type === "all" ? null : type} range={range} />
    </Page>
  );
}

function Feed({ type, range }: { type: string | null; range: Range }) {
  const { t } = useTranslation();
  const generation = useGeneration();
  const live = useEvents();
  const fresh = useModel((model) => model.fresh);
  const filter = { type, actionable: range === "actionable" ? true : null, generation };
  const pages = useInfiniteQuery({
    ...eventPagesQuery({ type: filter.type, actionable: filter.actionable }),
    queryKey: ["events", "pages", filter],
    refetchOnMount: "always",
  });
  const { data, isLoading, isError, hasNextPage, refetch } = pages;
  const days = useMemo(() => {
    const wanted = (event: SignalEvent) =>
      (type === null || event.signal_type === type) &&
      (range === "all" || (range === "actionable" ? event.is_actionable : isNews(event)));
    const archived = data?.pages.flatMap((page) => page.items) ?? [];
    // What the stream knows beyond the oldest page would leave a hole between the two.
    const oldest = hasNextPage ? (archived.at(-1)?.event_time ?? null) : null;
    return byDay(
      mergedEvents(
        live.filter((event) => oldest === null || !isBefore(event.event_time, oldest)),
        archived,
      ).filter(wanted),
    );
  }, [data, live, type, range, hasNextPage]);
  if (isLoading && days.length === 0) {
    return (
      <Card>
        {[0, 1, 2, 3, 4].map((n) => (
          <Skeleton key={n} height={28} />
        ))}
      </Card>
    );
  }
  return (
    <>
      {isError && (
        <Card>
          <EmptyState icon="stop" title={t("common.failed")}>
            <Button icon="refresh" onClick={() => void refetch()}>
              {t("common.retry")}
            </Button>
          </EmptyState>
        </Card>
      )}
      {days.length === 0 && !isError && (
        <Card>
          <EmptyState icon="signals" title={t("signals.none")}>
            {t("signals.noneAbout")}
          </EmptyState>
        </Card>
      )}
      {days.map(({ date, events }, i) => (
        <Day
          key={date}
          date={date}
          events={events}
          fresh={fresh}
          isWhole={!hasNextPage || i < days.length - 1}
        />
      ))}
      <More pages={pages} />
      {!hasNextPage && days.length > 0 && <p className={styles.end}>{t("signals.end")}</p>}
    </>
  );
}

function Day({
  date,
  events,
  fresh,
  isWhole,
}: {
  date: string;
  events: readonly SignalEvent[];
  fresh: ReadonlyMap<string, number>;
  /** Nothing of the day is left on a next page. */
  isWhole: boolean;
}) {
  const { t, i18n } = useTranslation();
  return (
    <Card
      flush
      title={t("signals.day", { day: day(date, i18n.language) })}
      aside={
        <span className="muted num">
          {t(isWhole ? "signals.count" : "signals.countMore", { n: events.length })}
        </span>
      }
    >
      <ul className={styles.list}>
        {events.map((event) => (
          <EventRow key={event.event_id} event={event} whole fresh={fresh.has(event.event_id)} />
        ))}
      </ul>
    </Card>
  );
}

/** Newest day first; the order of the events stays. */
export function byDay(events: readonly SignalEvent[]): { date: string; events: SignalEvent[] }[] {
  const days = new Map<string, SignalEvent[]>();
  for (const event of events) {
    const known = days.get(event.trade_date);
    if (known) known.push(event);
    else days.set(event.trade_date, [event]);
  }
  return [...days].map(([date, events]) => ({ date, events })).sort((a, b) => (a.date < b.date ? 1 : -1));
}
