// What lies behind the lines: filled ranges of values and shaded spans of time.

import type {
  IChartApi,
  ISeriesApi,
  ISeriesPrimitive,
  IPrimitivePaneView,
  SeriesAttachedParameter,
  SeriesType,
  Time,
} from "lightweight-charts";
import type { Shade } from "./types";

export interface PaintedBand {
  from: number;
  to: number;
  fill: string;
}

export class Ground implements ISeriesPrimitive {
  bands: readonly PaintedBand[] = [];
  shades: readonly Shade[] = [];
  shadeFill = "transparent";
  #chart: IChartApi | null = null;
  #series: ISeriesApi<SeriesType> | null = null;
  #update: (() => void) | null = null;
  readonly #view: IPrimitivePaneView;

  constructor() {
    this.#view = {
      zOrder: () => "bottom",
      renderer: () => ({
        draw: (target) =>
          target.useBitmapCoordinateSpace(
            ({ context, bitmapSize, horizontalPixelRatio, verticalPixelRatio }) => {
              for (const { from, to } of this.#spans()) {
                context.fillStyle = this.shadeFill;
                context.fillRect(
                  from * horizontalPixelRatio,
                  0,
                  (to - from) * horizontalPixelRatio,
                  bitmapSize.height,
                );
              }
              for (const { from, to, fill } of this.bands) {
                const [a, b] = [this.#series?.priceToCoordinate(from), this.#series?.priceToCoordinate(to)];
                if (a === null || a === undefined || b === null || b === undefined) continue;
                context.fillStyle = fill;
                context.fillRect(
                  0,
                  Math.min(a, b) * verticalPixelRatio,
                  bitmapSize.width,
                  Math.abs(a - b) * verticalPixelRatio,
                );
              }
            },
          ),
      }),
    };
  }

  attached({ chart, series, requestUpdate }: SeriesAttachedParameter): void {
    this.#chart = chart;
    this.#series = series;
    this.#update = requestUpdate;
  }

  detached(): void {
    this.#chart = this.#series = this.#update = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return [this.#view];
  }

  redraw(): void {
    this.#update?.();
  }

  /** The shaded spans in pixels, as far as their ends are among the points of the chart. */
  #spans(): { from: number; to: number }[] {
    const scale = this.#chart?.timeScale();
    const times = (this.#series?.data() ?? []).map((point) => point.time as number);
    if (!scale || times.length === 0) return [];
    return this.shades.flatMap((shade) => {
      const first = times.find((time) => time >= shade.from && time < shade.to);
      const last = times.findLast((time) => time >= shade.from && time < shade.to);
      if (first === undefined || last === undefined) return [];
      const [a, b] = [scale.timeToCoordinate(first as Time), scale.timeToCoordinate(last as Time)];
      return a === null || b === null ? [] : [{ from: a, to: b }];
    });
  }
}
