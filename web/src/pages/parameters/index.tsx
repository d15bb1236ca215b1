import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { parametersQuery } from "@/data/queries";
import { useConfig, useGeneration, useLoaded } from "@/stream/hooks";
import type { Config } from "@/stream/types";
import { Button, Card, EmptyState, Icon, Page, Skeleton } from "@/ui";
import { Compare } from "./Compare";
import { History } from "./History";
import { ParameterField } from "./ParameterField";
import { SaveBar } from "./SaveBar";
import { Standing } from "./Standing";
import { Token } from "./Token";
import type { Limits } from "./draft";
import { groupsOf } from "./groups";
import styles from "./index.module.css";
import { useEditor } from "./useEditor";

export default function Parameters() {
  const { t } = useTranslation();
  const config = useConfig();
  const loaded = useLoaded();
  const generation = useGeneration();
  const { data, error, refetch } = useQuery({
    ...parametersQuery(config?.version ?? null),
    enabled: config !== null,
    placeholderData: (before) => before,
  });
  return (
    <Page title={t("nav.parameters")} about={t("parameters.about.page")}>
      {config && data ? (
        <Form key={generation} config={config} limits={data.limits} />
      ) : loaded && !config ? (
        <Card>
          <EmptyState icon="wait" title={t("parameters.none")}>
            {t("parameters.noneAbout")}
          </EmptyState>
        </Card>
      ) : error ? (
        <Card>
          <EmptyState icon="stop" title={t("common.failed")}>
            <Button icon="refresh" onClick={() => void refetch()}>
              {t("common.retry")}
            </Button>
          </EmptyState>
        </Card>
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <div className={styles.groups} aria-hidden="true">
      <Card className={styles.all}>
        <Skeleton height={92} />
      </Card>
      {[220, 220, 180, 180].map((height, i) => (
        <Card key={i}>
          <Skeleton height={height} />
        </Card>
      ))}
    </div>
  );
}

function Form({ config, limits }: { config: Config; limits: Limits }) {
  const { t } = useTranslation();
  const editor = useEditor(config, limits);
  const [comparing, setComparing] = useState(false);
  const { outcome, changes } = editor;
  const dirty = changes.length > 0;
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
  const closeCompare = () => {
    setComparing(false);
    if (outcome?.kind === "overtaken") editor.dismiss();
  };
  return (
    <>
      <Standing editor={editor} limits={limits} />
      <div className={styles.groups}>
        {groupsOf(config.parameters).map(({ id, icon, names }) => (
          <Card
            key={id}
            data-group={id}
            title={
              <span className={styles.title}>
                <Icon name={icon} />
                {t(`parameters.group.${id}`)}
              </span>
            }
          >
            <p className={styles.about}>{t(`parameters.group.about.${id}`)}</p>
            <div className={styles.fields}>
              {names.map((name) => (
                <ParameterField key={name} name={name} limit={limits[name]} editor={editor} />
              ))}
            </div>
          </Card>
        ))}
      </div>
      <History editor={editor} limits={limits} />
      <SaveBar editor={editor} onCompare={() => setComparing(true)} />
      <Compare
        editor={editor}
        limits={limits}
        open={comparing || outcome?.kind === "overtaken"}
        onClose={closeCompare}
      />
      <Token open={outcome?.kind === "token"} onClose={editor.dismiss} onToken={() => void editor.apply()} />
    </>
  );
}
