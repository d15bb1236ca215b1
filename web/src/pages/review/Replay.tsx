import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ApiError } from "@/data/api";
import { useGoing } from "@/data/runStream";
import { isActive, resultOf, runQuery, type RunWhole } from "@/data/runs";
import { count, share } from "@/format/numbers";
import { day } from "@/format/times";
import { Card, EmptyState, Page, Skeleton } from "@/ui";
import { Demo } from "../backtests/Demo";
import { Problem } from "../backtests/Problem";
import { Progress } from "../backtests/Progress";
import { noteText } from "../backtests/words";
import { Player } from "./Player";
import styles from "./Replay.module.css";
import { replayEventsQuery, sessionQuery, snapshotsQuery } from "./data";

/** A day again: how far the replay is, then the day itself. */
export default function Replay() {
  const { id = "" } = useParams();
  const { t, i18n } = useTranslation();
  const run = useQuery(runQuery(id));
  const note = useQuery(sessionQuery(run.data?.request.session_id ?? null));
  if (!run.data) {
    return (
      <Page title={t("nav.review")}>
        {run.error instanceof ApiError && run.error.status === 404 ? (
          <EmptyState icon="review" title={t("review.gone")}>
            <Link to="/review">{t("review.back")}</Link>
          </EmptyState>
        ) : run.error ? (
          <Problem error={run.error} onRetry={() => void run.refetch()} />
        ) : (
          <Card>
            <Skeleton height={420} />
          </Card>
        )}
      </Page>
    );
  }
  const { request } = run.data;
  const interval = resultOf(run.data)?.data_quality.interval;
  return (
    <Page
      title={t("review.title", { day: day(request.start, i18n.language) })}
      about={
        interval === undefined
          ? undefined
          : t("review.grounds", {
              interval: t(`backtests.interval.${interval}`),
              step: t(`review.steps.${request.step}`, { defaultValue: request.step }),
            })
      }
      actions={
        <>
          <Demo demo={run.data.demo} />
          <Link to={`/review?day=${request.start}`}>{t("review.back")}</Link>
        </>
      }
    >
      {note.data && note.data.notes !== "" && (
        <blockquote className={styles.note}>{note.data.notes}</blockquote>
      )}
      <Body run={run.data} />
    </Page>
  );
}

function Body({ run }: { run: RunWhole }) {
  const { t } = useTranslation();
  const active = isActive(run.status);
  const going = useGoing(run.run_id, active);
  if (active) {
    return (
      <Card title={t("review.underWay")}>
        <Progress run={run} going={going} />
      </Card>
    );
  }
  if (run.status !== "finished") {
    return (
      <EmptyState
        icon="stop"
        title={t(run.status === "cancelled" ? "backtests.cancelled" : "backtests.failed")}
      >
        {run.error !== null && <p>{noteText(t, run.error)}</p>}
      </EmptyState>
    );
  }
  return <Snapshots run={run} />;
}

function Snapshots({ run }: { run: RunWhole }) {
  const { t } = useTranslation();
  const [read, setRead] = useState<{ found: number; total: number } | null>(null);
  const snapshots = useQuery(snapshotsQuery(run.run_id, (found, total) => setRead({ found, total })));
  const events = useQuery(replayEventsQuery(run.run_id));
  if (snapshots.error) return <Problem error={snapshots.error} onRetry={() => void snapshots.refetch()} />;
  if (snapshots.isPending) {
    return (
      <Card>
        <p className="muted" role="status">
          {t("review.reading")}{" "}
          <span className="num">{read ? share((100 * read.found) / Math.max(1, read.total), 0) : ""}</span>
        </p>
        <Skeleton height={360} />
      </Card>
    );
  }
  const [first] = snapshots.data;
  if (!first) {
    return (
      <EmptyState icon="review" title={t("review.noSnapshots")}>
        {count(0)}
      </EmptyState>
    );
  }
  return <Player run={run.run_id} snapshots={snapshots.data} events={events.data ?? []} />;
}
