// Numbers as people read them. Unknown is an em dash, a minus is a minus (U+2212), a sign is always shown on changes.

export const DASH = "—";

export type Maybe = number | null | undefined;

export const isKnown = (value: Maybe): value is number => typeof value === "number" && Number.isFinite(value);

const withMinus = (text: string): string => text.replace("-", "\u2212");
const noNegativeZero = (value: number): number => (value === 0 ? 0 : value);

/** Formatters by what they depend on, each made once: making one takes a hundred times as long as using it. */
function cached<Key>(make: (key: Key) => Intl.NumberFormat): (key: Key) => Intl.NumberFormat {
  const known = new Map<Key, Intl.NumberFormat>();
  return (key) => {
    const found = known.get(key) ?? make(key);
    known.set(key, found);
    return found;
  };
}

const digitsAlways = (digits: number): Intl.NumberFormatOptions => ({
  minimumFractionDigits: digits,
  maximumFractionDigits: digits,
});
const fixedOf = cached((digits: number) => new Intl.NumberFormat("en-US", digitsAlways(digits)));
const signedOf = cached(
  (digits: number) => new Intl.NumberFormat("en-US", { ...digitsAlways(digits), signDisplay: "exceptZero" }),
);
const upTo = cached((digits: number) => new Intl.NumberFormat("en-US", { maximumFractionDigits: digits }));
const compactOf = cached(
  (locale: string) => new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 }),
);

/** `1,234.50` */
export function fixed(value: Maybe, digits = 2): string {
  if (!isKnown(value)) return DASH;
  const rounded = noNegativeZero(Number(value.toFixed(digits)));
  return withMinus(fixedOf(digits).format(rounded));
}

/** `+0.42`, `−3.12`, `0.00` */
export function signed(value: Maybe, digits = 2): string {
  if (!isKnown(value)) return DASH;
  const rounded = noNegativeZero(Number(value.toFixed(digits)));
  return withMinus(signedOf(digits).format(rounded));
}

/** `+0.42%` */
export const percent = (value: Maybe, digits = 2): string =>
  isKnown(value) ? `${signed(value, digits)}%` : DASH;

/** `12.5%` without a plus, for shares */
export const share = (value: Maybe, digits = 1): string =>
  isKnown(value) ? `${fixed(value, digits)}%` : DASH;

/** A whole number with thousands commas. */
export const count = (value: Maybe): string =>
  isKnown(value) ? withMinus(upTo(0).format(noNegativeZero(value))) : DASH;

/** `1.2M`, in Korean `123만` */
export const compact = (value: Maybe, language: string): string =>
  isKnown(value) ? withMinus(compactOf(language === "ko" ? "ko-KR" : "en-US").format(value)) : DASH;

/** As short as it is exact: `0.3`, `−3`, `0.00278`. */
export const plain = (value: Maybe): string =>
  isKnown(value) ? withMinus(upTo(8).format(noNegativeZero(value))) : DASH;

export const usd = (value: Maybe): string =>
  isKnown(value) ? `$${fixed(value)}`.replace("$\u2212", "\u2212$") : DASH;
export const krw = (value: Maybe): string => (isKnown(value) ? `₩${count(value)}` : DASH);

export type Direction = "up" | "down" | "flat";

/** For colour and arrow; null when unknown. */
export const direction = (value: Maybe): Direction | null =>
  isKnown(value) ? (value > 0 ? "up" : value < 0 ? "down" : "flat") : null;
