const PATHS = {
  entry: "M12 4v14M6 10l6-6 6 6",
  sell: "M12 20V6M6 14l6 6 6-6",
  hold: "M6 9h12M6 15h12",
  stop: "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.3",
  ban: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.7 5.7l12.6 12.6",
  wait: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2",
  unknown: "M9.2 9.2a2.9 2.9 0 1 1 4 2.7c-.8.3-1.2.9-1.2 1.7v.5M12 17.3v.2",
  ok: "M5 12.5l4.5 4.5L19 7.5",
  down: "M3 7l6 6 4-4 8 8M15 17h6v-6",
  info: "M12 11v6M12 7.2v.3M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  chevron: "M9 6l6 6-6 6",
  chevronDown: "M6 9l6 6 6-6",
  sortUp: "M12 19V5M6 11l6-6 6 6",
  sortDown: "M12 5v14M6 13l6 6 6-6",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  overview: "M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z",
  market: "M3 17l5-6 4 4 4-7 5 6",
  twins: "M4 8h11M11 4l4 4-4 4M20 16H9M13 12l-4 4 4 4",
  conditional: "M6 5v14M6 9h7a4 4 0 0 1 4 4v6M14 16l3 3 3-3",
  bearish: "M3 7l6 6 4-4 8 8M15 17h6v-6",
  tickers: "M4 6h16M4 12h16M4 18h16M9 4v16",
  signals: "M4 12h3l3-8 4 16 3-8h3",
  review: "M5 5h14v15H5zM5 9.5h14M9 3v4M15 3v4",
  backtests: "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
  parameters: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  health: "M12 20s-7.5-4.6-7.5-10A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 7.5 3c0 5.4-7.5 10-7.5 10z",
  play: "M8 5l11 7-11 7z",
  pause: "M8 5v14M16 5v14",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  refresh: "M20 12a8 8 0 1 1-2.5-5.8M20 4v4h-4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  plus: "M12 5v14M5 12h14",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
} as const;

export type IconName = keyof typeof PATHS;

/** A line icon. It only decorates: the word beside it, or the label of its button, says what it means. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
