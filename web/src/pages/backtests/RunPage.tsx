import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { usePreferences } from "@/app/preferences";
import { ApiError } from "@/data/api";
import { useGoing, type Going } from "@/data/runStream";
import { endRun, isActive, resultOf, runQuery, sweepOf, type RunStatus, type RunWhole } from "@/data/runs";
import { dateTime } from "@/format/times";
import { Badge, Button, Card, EmptyState, Page, Skeleton } from "@/ui";
import { Demo } from "./Demo";
import { Downloads } from "./Downloads";
import { EndRun } from "./EndRun";
import { Problem } from "./Problem";
import { Progress } from "./Progress";
import { Report } from "./Report";
import styles from "./RunPage.module.css";
import { Sweep } from "./Sweep";
import { noteText, spanText, TONES } from "./words";

/** One run: how far it is, then what it came to. */
export default function RunPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation();
  const run = useQuery(runQuery(id));
  if (run.error instanceof ApiError && run.error.status === 404) {
    return (
      <Page title={t("nav.backtests")}>
        <EmptyState icon="backtests" title={t("backtests.gone")}>
          <Link to="/backtests">{t("backtests.all")}</Link>
        </EmptyState>
      </Page>
    );
  }
  if (!run.data) {
    return (
      <Page title={t("nav.backtests")}>
        {run.error ? (
          <Problem error={run.error} onRetry={() => void run.refetch()} />
        ) : (
          <Card>
            <Skeleton height={420} />
          </Card>
        )}
      </Page>
    );
  }
  return <One run={run.data} />;
}

function One({ run }: { run: RunWhole }) {
  const { t, i18n } = useTranslation();
  const going = useGoing(run.run_id, isActive(run.status));
  const { start, end } = run.request;
  return (
    <Page
      title={`${t(`backtests.kind.${run.kind}`)} ${spanText(start, end, i18n.language)}`}
      about={<About run={run} status={going?.status ?? run.status} />}
      actions={<Actions run={run} />}
    >
      <Body run={run} going={going} />
    </Page>
  );
}

function About({ run, status }: { run: RunWhole; status: RunStatus }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const interval = resultOf(run)?.data_quality.interval ?? run.request.interval;
  return (
    <span className={styles.about}>
      <Badge tone={TONES[status]} size="s">
        {t(`backtests.status.${status}`)}
      </Badge>
      <span>
        {t("backtests.column.interval")} {t(`backtests.interval.${interval}`)}
      </span>
      <span>{t(`backtests.model.${run.request.model}`)}</span>
      <span>{t("backtests.askedAt", { at: dateTime(run.created_at, zone, i18n.language) })}</span>
      <code>{run.run_id}</code>
    </span>
  );
}

function Actions({ run }: { run: RunWhole }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => endRun(run.run_id),
    onSuccess: () => {
      if (!isActive(run.status)) void navigate("/backtests");
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["runs"] }),
  });
  return (
    <>
      <Demo demo={run.demo} />
      <Downloads run={run} />
      <Button icon="refresh" onClick={() => void navigate(`/backtests/new?from=${run.run_id}`)}>
        {t("backtests.again")}
      </Button>
      <EndRun run={run} busy={end.isPending} onEnd={() => end.mutate()} worded />
    </>
  );
}

function Body({ run, going }: { run: RunWhole; going: Going | null }) {
  const { t } = useTranslation();
  if (isActive(run.status)) {
    const waits = (going?.status ?? run.status) === "requested";
    return (
      <Card title={t(waits ? "backtests.status.requested" : "backtests.underWay")}>
        <Progress run={run} going={going} />
        <p className={styles.note}>{t("backtests.leaveAlone")}</p>
      </Card>
    );
  }
  if (run.status === "failed") {
    return (
      <EmptyState icon="stop" title={t("backtests.failed")}>
        {run.error !== null && <p>{noteText(t, run.error)}</p>}
        <p>
          <Link to={`/backtests/new?from=${run.run_id}`}>{t("backtests.again")}</Link>
        </p>
      </EmptyState>
    );
  }
  if (run.status === "cancelled") return <EmptyState title={t("backtests.cancelled")} />;
  const sweep = sweepOf(run);
  if (sweep) return <Sweep run={run} sweep={sweep} />;
  const result = resultOf(run);
  return result ? <Report run={run} result={result} /> : <EmptyState title={t("backtests.noResult")} />;
}
