import type { Model } from "@/stream/model";
import type { Point } from "./points";

/** A colour of the theme. */
export type Token = `--${string}`;

export interface ChartSeries {
  id: string;
  label: string;
  colour: Token;
  /** `baseline`: above and below zero in the colours of up and down. */
  kind?: "line" | "baseline" | "area" | "bars";
  dashed?: boolean;
  thin?: boolean;
  /** Oldest first, each time once. */
  history: readonly Point[];
  /** The newest point of the stream, if this series goes on. */
  live?: (model: Model) => Point | null;
}

/** A threshold: a line at a value, always within the picture. */
export interface Level {
  value: number;
  label: string;
  colour: Token;
}

/** A filled range of values. */
export interface Band {
  from: number;
  to: number;
  colour: Token;
}

/** A moment on a series. `id` is told when it is clicked. */
export interface Mark {
  id: string;
  time: number;
  series: string;
  colour: Token;
  shape: "arrowUp" | "arrowDown" | "circle" | "square";
  text?: string;
}

/** A span of time with another ground, like the pre-market. Seconds. */
export interface Shade {
  from: number;
  to: number;
}

export interface ChartProps {
  /** What the chart shows, for those who do not see it. */
  label: string;
  /** The same list until a history is another one: memoise it. */
  series: readonly ChartSeries[];
  levels?: readonly Level[];
  bands?: readonly Band[];
  marks?: readonly Mark[];
  shades?: readonly Shade[];
  /** Pixels, or a length of CSS. */
  height?: number | string;
  /** Values as people read them; percent with two decimals by default. */
  format?: (value: number) => string;
  /** Points are days, not minutes. */
  daily?: boolean;
  onMark?: (id: string) => void;
  /** Write the names of levels into the picture, where they may cover the lines. */
  namesLevels?: boolean;
  /** The crosshair stands at this time, in this chart or in one that shares it; null when it is gone. */
  onPoint?: ((time: number | null) => void) | undefined;
}
