import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { usePreferences } from "@/app/preferences";
import { ApiError } from "@/data/api";
import type { Run } from "@/data/runs";
import { count } from "@/format/numbers";
import { dateTime, day as dayText } from "@/format/times";
import { Button, Card, EmptyState, Field, SelectField, Skeleton } from "@/ui";
import { faultsFrom, wordsOf } from "../backtests/faults";
import { Problem } from "../backtests/Problem";
import styles from "./Day.module.css";
import { Note } from "./Note";
import { addSession, removeSession, replayDay, STEPS, type ReviewSession } from "./data";
import { drafts } from "./drafts";
import { saves } from "./keys";

interface Props {
  day: string;
  /** A day under way can have notes and no replay. */
  isOver: boolean;
  sessions: readonly ReviewSession[];
  replays: readonly Run[];
  pending: boolean;
}

/** One trade date: notes on it, and the day again. */
export function Day({ day, isOver, sessions, replays, pending }: Props) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [notes, setNotes] = useState("");
  const [step, setStep] = useState<string>("5m");
  const changed = () => queries.invalidateQueries({ queryKey: ["sessions"] });
  const add = useMutation({
    mutationFn: () => addSession(day, notes.trim()),
    onSuccess: () => {
      setNotes("");
      return changed();
    },
  });
  const remove = useMutation({ mutationFn: removeSession, onSettled: changed });
  const replay = useMutation({
    mutationFn: (session: number | null) => replayDay(day, step, session),
    onSuccess: (accepted) => {
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void changed();
      void navigate(`/review/${accepted.run_id}`);
    },
  });
  const save = (event: SyntheticEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const shown = drafts.with(sessions, day);
  // Replays that belong to no note, or to one that is gone.
  const loose = replays.filter((run) => !sessions.some((session) => session.id === run.request.session_id));
  return (
    <div className={styles.column}>
      <Card title={dayText(day, i18n.language)}>
        <div className={styles.replay}>
          <SelectField
            label={t("review.step")}
            hint={t(isOver ? "review.stepHint" : "review.notOver")}
            value={step}
            onChange={(event) => setStep(event.target.value)}
          >
            {STEPS.map((value) => (
              <option key={value} value={value}>
                {t(`review.steps.${value}`)}
              </option>
            ))}
          </SelectField>
          <Button
            kind="primary"
            icon="play"
            disabled={replay.isPending || !isOver}
            onClick={() => replay.mutate(null)}
          >
            {t("review.replayDay")}
          </Button>
        </div>
        <Trouble error={replay.error ?? add.error ?? remove.error} />
        {loose.length > 0 && (
          <ul className={styles.loose}>
            {loose.map((run) => (
              <li key={run.run_id}>
                <Link to={`/review/${run.run_id}`}>
                  {t("review.replayOf", {
                    step: t(`review.steps.${run.request.step}`, { defaultValue: run.request.step }),
                    at: dateTime(run.created_at, zone, i18n.language),
                  })}
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title={t("review.notes")} aside={<span className="muted num">{count(sessions.length)}</span>}>
        <form className={styles.form} onSubmit={save}>
          <Field label={t("review.newNote")}>
            {(ids) => (
              <textarea
                {...ids}
                rows={3}
                maxLength={10_000}
                value={notes}
                placeholder={t("review.placeholder")}
                onChange={(event) => setNotes(event.target.value)}
                onKeyDown={(event) => saves(event) && event.currentTarget.form?.requestSubmit()}
              />
            )}
          </Field>
          <Button type="submit" icon="plus" disabled={notes.trim() === "" || add.isPending}>
            {t("review.add")}
          </Button>
        </form>
        {pending ? (
          <Skeleton height={60} />
        ) : shown.length === 0 ? (
          <EmptyState icon="review" title={t("review.noNotes")} />
        ) : (
          <ul className={styles.sessions}>
            {shown.map((session) => (
              <Note
                key={session.id}
                session={session}
                busy={replay.isPending || remove.isPending}
                isOver={isOver}
                onReplay={() => replay.mutate(session.id)}
                onRemove={() => remove.mutate(session.id)}
              />
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}

/** What the day itself is to blame for is said in a line, the rest as everywhere. */
function Trouble({ error }: { error: Error | null }) {
  const { t } = useTranslation();
  if (!error) return null;
  const fault = Object.values(faultsFrom(error))[0];
  if (error instanceof ApiError && [400, 422].includes(error.status)) {
    return (
      <p className={styles.fault} role="alert">
        {wordsOf(t, fault) ?? error.message}
      </p>
    );
  }
  return <Problem error={error} />;
}
