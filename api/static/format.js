// Numbers and times as people read them. Unknown is an em dash, a minus is a minus.

export const DASH = "—";

const minus = (text) => text.replace("-", "\u2212");
const known = (value) => typeof value === "number" && Number.isFinite(value);

const two = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" });
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

export const price = (value) => (known(value) ? minus(two.format(value)) : DASH);
export const change = (value) => (known(value) ? minus(signed.format(value === 0 ? 0 : value)) : DASH);
export const percent = (value) => (known(value) ? `${change(value)}%` : DASH);
export const count = (value) => (known(value) ? whole.format(value) : DASH);
export const short = (value) => (known(value) ? compact.format(value) : DASH);
export const plain = (value) => (known(value) ? minus(String(value)) : value === null || value === undefined ? DASH : String(value));

/** `up`, `down` or `flat`, for colour; null when unknown. */
export const direction = (value) => (known(value) ? (value > 0 ? "up" : value < 0 ? "down" : "flat") : null);

const zones = {};
function clockIn(zone) {
  zones[zone] ??= new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  return zones[zone];
}

/** HH:MM:SS of a time in a zone; `at` is a Date, an ISO text or milliseconds. */
export function clock(at, zone) {
  if (at === null || at === undefined) return DASH;
  const date = at instanceof Date ? at : new Date(at);
  return Number.isNaN(date.getTime()) ? DASH : clockIn(zone).format(date);
}

/** A span in milliseconds as H:MM:SS or M:SS. */
export function span(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const pad = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

/** An age in milliseconds, rough on purpose: 0.4 s, 12 s, 3 min. */
export function age(ms, texts) {
  if (!known(ms)) return DASH;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)}${texts("s")}`;
  if (ms < 99_500) return `${Math.round(ms / 1000)}${texts("s")}`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)}${texts("min")}`;
  return `${Math.round(ms / 3_600_000)}${texts("hours")}`;
}
