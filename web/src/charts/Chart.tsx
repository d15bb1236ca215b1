import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState, Skeleton } from "@/ui";
import styles from "./Chart.module.css";
import { Legend } from "./Legend";
import type { ChartProps } from "./types";

const TimeChart = lazy(() => import("./TimeChart"));

interface Props extends ChartProps {
  state?: "loading" | "failed" | "ready";
  /** Without the line that names series and levels, where the title of the card does; a level is named in the picture. */
  legend?: boolean;
}

/** A chart with its legend, or why there is none. The library is loaded with the first of them. */
export function Chart({ state = "ready", legend = true, ...chart }: Props) {
  const { t } = useTranslation();
  const height = chart.height ?? 260;
  const [pointed, setPointed] = useState<number | null>(null);
  const empty = chart.series.every((one) => one.history.length === 0 && !one.live);
  return (
    <figure className={styles.figure}>
      {legend && <Legend series={chart.series} levels={chart.levels} format={chart.format} time={pointed} />}
      {state === "loading" ? (
        <Skeleton height={height} />
      ) : empty ? (
        <div className={styles.none} style={{ minHeight: height }}>
          <EmptyState title={t("chart.none")} />
        </div>
      ) : (
        <Suspense fallback={<Skeleton height={height} />}>
          <TimeChart {...chart} namesLevels={!legend} onPoint={legend ? setPointed : undefined} />
        </Suspense>
      )}
      {state === "failed" && <figcaption className={styles.note}>{t("chart.failed")}</figcaption>}
    </figure>
  );
}
