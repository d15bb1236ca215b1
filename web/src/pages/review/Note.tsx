import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { usePreferences } from "@/app/preferences";
import { dateTime } from "@/format/times";
import { Badge, Button, Confirm, type BadgeTone } from "@/ui";
import styles from "./Note.module.css";
import { NoteEditor } from "./NoteEditor";
import type { ReviewSession } from "./data";
import { drafts } from "./drafts";

const TONES: Readonly<Record<ReviewSession["status"], BadgeTone>> = {
  created: "quiet",
  running: "wait",
  done: "ok",
  failed: "bad",
};

interface Props {
  session: ReviewSession;
  busy: boolean;
  /** A day under way cannot be replayed. */
  isOver: boolean;
  onReplay: () => void;
  onRemove: () => void;
}

/** A note on a trade date: read, edited in place, replayed, removed. */
export function Note({ session, busy, isOver, onReplay, onRemove }: Props) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const [edits, setEdits] = useState(drafts.of(session.id) !== null);
  const [asks, setAsks] = useState(false);
  const edit = useRef<HTMLSpanElement>(null);
  const edited = useRef(edits);
  const seen = session.run_id !== null && session.status !== "created";
  useEffect(() => {
    // The button stands again where the editor was: whoever came by keyboard goes on from there.
    if (edited.current && !edits) edit.current?.querySelector("button")?.focus();
    edited.current = edits;
  }, [edits]);
  if (edits) {
    return (
      <li className={styles.note}>
        <NoteEditor session={session} onDone={() => setEdits(false)} />
      </li>
    );
  }
  return (
    <li className={styles.note}>
      <p className={styles.text}>
        {session.notes === "" ? <span className="muted">{t("review.empty")}</span> : session.notes}
      </p>
      <div className={styles.foot}>
        <Badge tone={TONES[session.status]} size="s">
          {t(`review.status.${session.status}`)}
        </Badge>
        <span className="muted num">{dateTime(session.created_at, zone, i18n.language)}</span>
        <span className={styles.actions}>
          {seen && session.status !== "failed" && session.run_id !== null ? (
            <Link className={styles.open} to={`/review/${session.run_id}`}>
              {t(session.status === "running" ? "review.watch" : "review.open")}
            </Link>
          ) : (
            <Button kind="quiet" icon="play" disabled={busy || !isOver} onClick={onReplay}>
              {t("review.replay")}
            </Button>
          )}
          <span ref={edit}>
            <Button kind="quiet" icon="edit" label={t("review.edit")} onClick={() => setEdits(true)} />
          </span>
          <Button
            kind="quiet"
            icon="trash"
            label={t("review.remove")}
            disabled={busy}
            onClick={() => setAsks(true)}
          />
        </span>
      </div>
      {session.error !== null && <p className={styles.fault}>{session.error}</p>}
      <Confirm
        open={asks}
        onClose={() => setAsks(false)}
        title={t("review.remove")}
        about={t("review.removeAbout")}
        yes={t("backtests.remove.do")}
        onYes={onRemove}
      />
    </li>
  );
}
