// Charts of a page share one crosshair: what is pointed at in one is shown in all.

import { createContext } from "react";
import type { IChartApi, ISeriesApi, SeriesType, Time } from "lightweight-charts";

export interface Member {
  chart: IChartApi;
  series: ISeriesApi<SeriesType>;
  /** The value of the chart's first series at a time. */
  valueAt: (time: number) => number | null;
  /** Told where the crosshair stands: the library says so only of the chart that is pointed at. */
  onPoint: (time: number | null) => void;
}

export class ChartGroup {
  readonly #members = new Set<Member>();

  join(member: Member): () => void {
    this.#members.add(member);
    member.chart.subscribeCrosshairMove((moved) => {
      if (moved.sourceEvent === undefined && moved.point !== undefined) return; // moved by us
      for (const other of this.#members) {
        if (other !== member) point(other, moved.time);
      }
    });
    return () => this.#members.delete(member);
  }
}

function point({ chart, series, valueAt, onPoint }: Member, time: Time | undefined): void {
  const value = typeof time === "number" ? valueAt(time) : null;
  onPoint(typeof time === "number" ? time : null);
  if (time === undefined || value === null) chart.clearCrosshairPosition();
  else chart.setCrosshairPosition(value, time, series);
}

export const GroupContext = createContext<ChartGroup | null>(null);
