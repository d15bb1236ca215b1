import { useQuery } from "@tanstack/react-query";
import { useRef, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { tradingDaysQuery, useLastOver } from "@/data/queries";
import { runsQuery } from "@/data/runs";
import { useTradeDay } from "@/stream/hooks";
import { Button, Card, Page, Skeleton } from "@/ui";
import { Problem } from "../backtests/Problem";
import styles from "./Calendar.module.css";
import { Day } from "./Day";
import { sessionsQuery, type ReviewSession } from "./data";
import { byDay, dayNumber, isWeekend, monthOf, shifted, stepped, weeksOf } from "./month";

/** A month of trade dates with the notes on them; the chosen day beside. */
export function Calendar() {
  const { t } = useTranslation();
  const tradeDay = useTradeDay();
  const today = tradeDay?.trade_date ?? null;
  const over = useLastOver();
  const [address, setAddress] = useSearchParams();
  const asked = address.get("day");
  const day = asked !== null && /^\d{4}-\d\d-\d\d$/.test(asked) ? asked : over;
  return (
    <Page title={t("nav.review")} about={t("review.about")}>
      {day === null || today === null ? (
        <Card>
          <Skeleton height={420} />
        </Card>
      ) : (
        <Month
          today={today}
          over={over ?? today}
          day={day}
          month={address.get("month") ?? monthOf(day)}
          onDay={(next) => setAddress({ day: next }, { replace: true })}
          onMonth={(month) => setAddress({ day, month }, { replace: true })}
        />
      )}
    </Page>
  );
}

interface Props {
  today: string;
  /** The last day that can be replayed. */
  over: string;
  day: string;
  month: string;
  onDay: (day: string) => void;
  onMonth: (month: string) => void;
}

const KEYS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function Month({ today, over, day, month, onDay, onMonth }: Props) {
  const { t, i18n } = useTranslation();
  const grid = useRef<HTMLTableElement>(null);
  const weeks = weeksOf(month);
  const days = weeks.flat();
  const sessions = useQuery(sessionsQuery(days[0] ?? day, days.at(-1) ?? day));
  const trading = useQuery(tradingDaysQuery(days[0] ?? day, days.at(-1) ?? day)).data?.items;
  const replays = useQuery(runsQuery("replay", 200));
  const noted = byDay(sessions.data?.items ?? [], (session) => session.session_date);
  const replayed = byDay(
    (replays.data?.items ?? []).filter((run) => run.status !== "failed" && run.status !== "cancelled"),
    (run) => run.request.start,
  );
  const locale = i18n.language === "ko" ? "ko-KR" : "en-GB";
  const title = new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" }).format(
    new Date(`${month}-15T12:00:00Z`),
  );
  // Until the exchange's holidays are known, every weekday can be chosen; the server says what is wrong with one.
  const open = (one: string) => one <= today && (trading ? trading.includes(one) : !isWeekend(one));
  const reachable = days.includes(day) && open(day) ? day : days.find(open);
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  const long = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeZone: "UTC" });
  const move = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = stepped(day, step);
    if (next > today) return;
    onDay(next);
    requestAnimationFrame(() => grid.current?.querySelector<HTMLElement>("[aria-pressed='true']")?.focus());
  };
  return (
    <div className={styles.columns}>
      <Card
        flush
        title={title}
        aside={
          <span className={styles.moves}>
            <Button
              kind="quiet"
              icon="chevron"
              className={styles.back}
              label={t("review.earlier")}
              onClick={() => onMonth(shifted(month, -1))}
            />
            <Button kind="quiet" onClick={() => onDay(today)}>
              {t("review.today")}
            </Button>
            <Button
              kind="quiet"
              icon="chevron"
              label={t("review.later")}
              disabled={month >= monthOf(today)}
              onClick={() => onMonth(shifted(month, 1))}
            />
          </span>
        }
      >
        {sessions.error && <Problem error={sessions.error} onRetry={() => void sessions.refetch()} />}
        <table ref={grid} className={styles.grid}>
          <caption className="visually-hidden">{t("review.calendar", { month: title })}</caption>
          <thead>
            <tr>
              {weeks[0]?.map((one) => (
                <th key={one} scope="col">
                  {weekday.format(new Date(`${one}T12:00:00Z`))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeks.map((week) => (
              <tr key={week[0]}>
                {week.map((one) => (
                  <td key={one}>
                    <Cell
                      day={one}
                      label={long.format(new Date(`${one}T12:00:00Z`))}
                      other={monthOf(one) !== month}
                      chosen={one === day}
                      today={one === today}
                      closed={!open(one)}
                      sessions={noted.get(one) ?? []}
                      replays={replayed.get(one)?.length ?? 0}
                      reachable={one === reachable}
                      onMove={move}
                      onChoose={() => onDay(one)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <p className={styles.keys}>
          <span>
            <i data-kind="note" aria-hidden="true" /> {t("review.hasNotes")}
          </span>
          <span>
            <i data-kind="replay" aria-hidden="true" /> {t("review.hasReplay")}
          </span>
        </p>
      </Card>
      <Day
        key={day}
        day={day}
        isOver={day <= over}
        sessions={noted.get(day) ?? []}
        replays={replayed.get(day) ?? []}
        pending={sessions.isPending}
      />
    </div>
  );
}

interface CellProps {
  day: string;
  label: string;
  other: boolean;
  chosen: boolean;
  today: boolean;
  closed: boolean;
  sessions: readonly ReviewSession[];
  replays: number;
  /** By Tab; from there the arrows go on. */
  reachable: boolean;
  onMove: (event: KeyboardEvent) => void;
  onChoose: () => void;
}

function Cell({
  day,
  label,
  other,
  chosen,
  today,
  closed,
  sessions,
  replays,
  reachable,
  onMove,
  onChoose,
}: CellProps) {
  const { t } = useTranslation();
  const note = sessions.find((session) => session.notes !== "")?.notes;
  const said = [
    label,
    ...(sessions.length > 0 ? [t("review.notesN", { n: sessions.length })] : []),
    ...(replays > 0 ? [t("review.hasReplay")] : []),
  ].join(", ");
  return (
    <button
      type="button"
      className={styles.day}
      data-other={other}
      data-today={today}
      disabled={closed}
      aria-pressed={chosen}
      aria-current={today ? "date" : undefined}
      aria-label={said}
      tabIndex={reachable ? 0 : -1}
      onKeyDown={onMove}
      onClick={onChoose}
    >
      <span className={styles.number}>{dayNumber(day)}</span>
      <span className={styles.marks}>
        {sessions.length > 0 && <i data-kind="note" />}
        {replays > 0 && <i data-kind="replay" />}
      </span>
      {note !== undefined && <span className={styles.note}>{note}</span>}
    </button>
  );
}
