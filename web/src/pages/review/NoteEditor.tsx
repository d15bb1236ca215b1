import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/data/api";
import { Button, Field } from "@/ui";
import { problemText } from "../backtests/problems";
import { Token } from "../parameters/Token";
import styles from "./Note.module.css";
import { addSession, changeNotes, type ReviewSession } from "./data";
import { drafts, type Draft } from "./drafts";
import { saves } from "./keys";

/** What somebody else wrote meanwhile, as the answer tells it. */
type Stored = Pick<ReviewSession, "notes" | "notes_tag">;

const storedIn = (error: Error): Stored | null =>
  error instanceof ApiError && error.code === "notes_conflict" ? (error.details as unknown as Stored) : null;

/** The notes as a text to write in. What was typed stays until it is saved or given up. */
export function NoteEditor({ session, onDone }: { session: ReviewSession; onDone: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const theirsId = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [begun] = useState(drafts.of(session.id)); // before a look at another day
  const [draft, setDraft] = useState<Draft>(begun ?? { session, text: session.notes });
  const [theirs, setTheirs] = useState<string | null>(null);
  const [gone, setGone] = useState(false);
  const become = (next: Draft) => {
    drafts.keep(next);
    setDraft(next);
  };
  const finish = async () => {
    drafts.drop(session.id);
    await queries.invalidateQueries({ queryKey: ["sessions"] });
    onDone();
  };
  const save = useMutation({
    mutationFn: () =>
      gone ? addSession(draft.session.session_date, draft.text) : changeNotes(draft.session, draft.text),
    onSuccess: finish,
    onError: (error) => {
      const stored = storedIn(error);
      if (stored?.notes === draft.text) return finish(); // written before, only the answer was lost
      if (stored) {
        become({ ...draft, session: { ...draft.session, ...stored } });
        setTheirs(stored.notes);
      }
      if (error instanceof ApiError && error.status === 404) setGone(true);
      return undefined;
    },
  });
  useEffect(() => {
    const { current: text } = area;
    if (begun || !text) return;
    text.focus();
    text.setSelectionRange(text.value.length, text.value.length);
  }, [begun]);
  const submit = (event?: SyntheticEvent) => {
    event?.preventDefault();
    if (draft.text === draft.session.notes && !gone) void finish();
    else if (!save.isPending) save.mutate();
  };
  const unauthorized = save.error instanceof ApiError && save.error.status === 401;
  const said = gone
    ? t("review.noteGone")
    : theirs !== null
      ? t("review.conflict.about")
      : save.error && !unauthorized
        ? problemText(t, save.error)
        : undefined;
  return (
    <form className={styles.editor} onSubmit={submit}>
      {theirs !== null && (
        <div className={styles.theirs}>
          <p id={theirsId}>{t("review.conflict.stored")}</p>
          <blockquote aria-labelledby={theirsId} className={styles.text}>
            {theirs === "" ? <span className="muted">{t("review.empty")}</span> : theirs}
          </blockquote>
        </div>
      )}
      <Field
        label={t(theirs === null ? "review.editing" : "review.conflict.mine")}
        hint={t("review.keys")}
        error={said && <span role="alert">{said}</span>}
      >
        {(ids) => (
          <textarea
            {...ids}
            ref={area}
            rows={Math.min(12, Math.max(3, draft.text.split("\n").length + 1))}
            maxLength={10_000}
            value={draft.text}
            onChange={(event) => become({ ...draft, text: event.target.value })}
            onKeyDown={(event) => {
              if (saves(event)) submit();
            }}
          />
        )}
      </Field>
      <div className={styles.buttons}>
        <Button onClick={() => void finish()}>
          {t(theirs === null ? "common.cancel" : "review.conflict.keep")}
        </Button>
        <Button kind="primary" type="submit" disabled={save.isPending}>
          {t(gone ? "review.saveNew" : theirs === null ? "common.save" : "review.conflict.save")}
        </Button>
      </div>
      <Token open={unauthorized} onClose={save.reset} onToken={() => save.mutate()} />
    </form>
  );
}
