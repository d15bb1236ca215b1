// Times in the reader's zone. An instant is ISO text with a zone, milliseconds since the epoch or a Date.

import { DASH } from "./numbers";

export type Instant = string | number | Date | null | undefined;

export const ZONES = { kst: "Asia/Seoul", et: "America/New_York", pt: "America/Los_Angeles" } as const;
export type ZoneName = keyof typeof ZONES;

const HOURS = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const SHAPES = {
  clock: { ...HOURS, second: "2-digit" },
  minute: HOURS,
  day: { weekday: "short", month: "short", day: "numeric" },
  isoDay: { year: "numeric", month: "2-digit", day: "2-digit" },
  fullDate: { year: "numeric", month: "short", day: "numeric" },
  date: { month: "short", day: "numeric" },
  dateTime: { month: "short", day: "numeric", ...HOURS },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Formatters by shape, zone and locale, each made once. */
const made = new Map<string, Intl.DateTimeFormat>();
function formatter(shape: keyof typeof SHAPES, timeZone: string, locale = "en-GB"): Intl.DateTimeFormat {
  const key = `${shape} ${timeZone} ${locale}`;
  const known = made.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone, ...SHAPES[shape] });
  made.set(key, known);
  return known;
}

const localeOf = (language: string): string => (language === "ko" ? "ko-KR" : "en-GB");

function dateOf(at: Instant): Date | null {
  if (at === null || at === undefined || at === "") return null;
  const date = at instanceof Date ? at : new Date(at);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** `23:41:07` */
export function clock(at: Instant, zone: ZoneName, seconds = true): string {
  const date = dateOf(at);
  if (!date) return DASH;
  return formatter(seconds ? "clock" : "minute", ZONES[zone]).format(date);
}

/** A day of the calendar without a zone, `2026-11-23`, as `11월 23일 (월)` or `Mon 23 Nov`. */
export function day(text: string | null | undefined, language: string): string {
  const date = dateOf(text ? `${text}T12:00:00Z` : null);
  if (!date) return DASH;
  return formatter("day", "UTC", localeOf(language)).format(date);
}

/** Days from `start` to `end` without a zone, like `2026년 11월 2일 ~ 27일` or `2 – 27 Nov 2026`. */
export function days(start: string, end: string, language: string, shape: "fullDate" | "date"): string {
  const [from, to] = [dateOf(`${start}T12:00:00Z`), dateOf(`${end}T12:00:00Z`)];
  if (!from || !to) return DASH;
  const text = formatter(shape, "UTC", localeOf(language)).formatRange(from, to);
  return text.replace(/\s*([–~])\s*/, " $1 "); // browsers differ in the spaces
}

/** Date and time in a zone: `11. 23. 23:41` or `23 Nov, 23:41`. */
export function dateTime(at: Instant, zone: ZoneName, language: string): string {
  const date = dateOf(at);
  if (!date) return DASH;
  return formatter("dateTime", ZONES[zone], localeOf(language)).format(date);
}

/** A span as `H:MM:SS` or `M:SS`, rounded up, so that a countdown ends at 0:00 when it is over. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const pad = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor((seconds % 3600) / 60),
    seconds % 60,
  ];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** How long ago, rough on purpose. `unit` names a text of the catalogue, `time.<unit>`. */
export type Span = { unit: "s" | "min" | "h" | "d"; text: string };

export function span(ms: number | null | undefined, tenths = false): Span | null {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return null;
  const s = Math.max(0, ms) / 1000;
  if (tenths && s < 9.95) return { unit: "s", text: s.toFixed(1) };
  if (s < 99.5) return { unit: "s", text: String(Math.round(s)) };
  if (s < 90 * 60) return { unit: "min", text: String(Math.round(s / 60)) };
  if (s < 36 * 3600) return { unit: "h", text: String(Math.round(s / 3600)) };
  return { unit: "d", text: String(Math.round(s / 86_400)) };
}

/** Minutes after midnight in a zone. */
export function minutesOfDay(at: number, zone: ZoneName): number {
  const [hours = 0, minutes = 0] = clock(at, zone, false).split(":").map(Number);
  return hours * 60 + minutes;
}

/** `YYYY-MM-DD` in a zone. */
export const isoDay = (at: number, zone: ZoneName): string =>
  formatter("isoDay", ZONES[zone], "sv-SE").format(at);
