import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { DASH } from "@/format/numbers";
import { dateTime } from "@/format/times";
import { Badge, Button, Card, EmptyState, Icon, More, Skeleton } from "@/ui";
import { NameField } from "./NameField";
import type { Limits } from "./draft";
import { entriesOf, historyQuery, nextLookMs, type Entry } from "./history";
import styles from "./History.module.css";
import type { Editor } from "./useEditor";
import { changeInUnits, nameOf, writerOf } from "./words";

/** Who changed what when, newest first. A change is in force a moment before it is stored: until then the stream tells it. */
export function History({ editor, limits }: { editor: Editor; limits: Limits }) {
  const { t } = useTranslation();
  const { version } = editor.inForce;
  const cameAt = useRef(0);
  useEffect(() => {
    cameAt.current = Date.now();
  }, [version]);
  const pages = useInfiniteQuery({
    ...historyQuery(),
    refetchInterval: ({ state }) =>
      nextLookMs(
        state.data?.pages[0]?.items[0]?.version ?? null,
        version,
        Date.now() - cameAt.current,
        state.status === "error",
      ),
  });
  const { data, isError, isPending, isFetching, refetch } = pages;
  const entries = entriesOf(data?.pages.flatMap((page) => page.items) ?? [], editor.seen);
  return (
    <Card title={t("parameters.history.title")} data-part="history">
      <div className={styles.writer}>
        <NameField />
      </div>
      {isError && (
        <p className={styles.away} role="status">
          <Icon name="stop" />
          <span>{t("parameters.history.away")}</span>
          <Button icon="refresh" disabled={isFetching} onClick={() => void refetch()}>
            {t("common.retry")}
          </Button>
        </p>
      )}
      {entries.length > 0 ? (
        <ol className={styles.list} aria-label={t("parameters.history.title")}>
          {entries.map((entry) => (
            <Row
              key={entry.version}
              entry={entry}
              limits={limits}
              here={editor.own.includes(entry.version)}
              inForce={entry.version === version}
            />
          ))}
        </ol>
      ) : isPending ? (
        <Skeleton height={96} />
      ) : (
        !isError && <EmptyState icon="parameters" title={t("parameters.history.none")} />
      )}
      <More pages={pages} />
    </Card>
  );
}

interface RowProps {
  entry: Entry;
  limits: Limits;
  /** Changed on this page. */
  here: boolean;
  inForce: boolean;
}

function Row({ entry, limits, here, inForce }: RowProps) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const { version, at, changes, stored } = entry;
  return (
    <li className={styles.row} data-version={version}>
      <p className={styles.head}>
        <b className="num">v{version}</b>
        <span className="num muted">
          {at === null ? DASH : `${dateTime(at, zone, i18n.language)} ${t(`zone.${zone}`)}`}
        </span>
        <span className={styles.who}>
          {stored ? writerOf(t, stored.changed_by) : t("parameters.history.storing")}
        </span>
        {inForce && (
          <Badge tone="ok" size="s">
            {t("parameters.history.inForce")}
          </Badge>
        )}
        {here && (
          <Badge tone="quiet" size="s">
            {t("parameters.here")}
          </Badge>
        )}
      </p>
      {changes === null || changes.length === 0 ? (
        <p className="muted">{t(`parameters.history.${nothingTold(entry)}`)}</p>
      ) : (
        <ul className={styles.changes}>
          {changes.map((change) => (
            <li key={change.name}>
              {nameOf(t, change.name)} <b className="num">{changeInUnits(t, change, limits)}</b>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function nothingTold({ stored, changes }: Entry): "beginning" | "unknownBefore" | "same" {
  if (stored?.beginning) return "beginning";
  return changes === null ? "unknownBefore" : "same";
}
