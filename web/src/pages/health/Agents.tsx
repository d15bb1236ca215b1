import { useTranslation } from "react-i18next";
import { count } from "@/format/numbers";
import { signalOf } from "@/signals/words";
import { useModel } from "@/stream/hooks";
import { Badge, Card, Table, type BadgeTone, type Column } from "@/ui";
import styles from "./index.module.css";
import { isBehind, type Health } from "./health";

interface Row {
  name: string;
  title: string;
  position: number | null;
  lag: number | null;
  state: "ok" | "behind" | "none" | "bars";
}

const TONES: Readonly<Record<Row["state"], BadgeTone>> = {
  ok: "ok",
  behind: "warn",
  none: "unknown",
  bars: "ok",
};

/** How far each agent has read the log. */
export function Agents({ health, reachable }: { health: Health; reachable: boolean }) {
  const { t, i18n } = useTranslation();
  const catalogue = useModel((model) => model.catalogue);
  const rows = Object.entries(health.agents).map(([name, { position, lag }]): Row => {
    const entry = catalogue.find((one) => one.type === name);
    const title = t(`health.agent.${name}`, { defaultValue: signalOf(t, name, entry, i18n.language) });
    const state = position === null ? "none" : name === "bars" ? "bars" : isBehind(lag) ? "behind" : "ok";
    return { name, title, position, lag, state };
  });
  const columns: readonly Column<Row>[] = [
    { id: "name", header: t("health.column.agent"), phone: "head", cell: (row) => <b>{row.title}</b> },
    {
      id: "state",
      header: t("health.column.state"),
      cell: (row) => (
        <Badge tone={TONES[row.state]} stale={!reachable} size="s">
          {t(`health.lag.${row.state}`)}
        </Badge>
      ),
    },
    {
      id: "lag",
      header: t("health.column.lag"),
      numeric: true,
      cell: (row) => <span className="num">{count(row.lag)}</span>,
    },
    {
      id: "position",
      header: t("health.column.position"),
      numeric: true,
      phone: "none",
      cell: (row) => <span className="num">{count(row.position)}</span>,
    },
  ];
  return (
    <Card flush data-part="agents" title={t("health.agents")}>
      <p className={styles.note}>{t("health.agentsAbout")}</p>
      <Table caption={t("health.agents")} columns={columns} rows={rows} keyOf={(row) => row.name} />
    </Card>
  );
}
