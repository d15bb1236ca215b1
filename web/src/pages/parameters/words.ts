import type { TFunction } from "i18next";
import type { Limit } from "@/data/queries";
import { plain } from "@/format/numbers";
import type { Change, Fault, Limits, Value } from "./draft";

export const nameOf = (t: TFunction, name: string): string =>
  t(`parameters.name.${name}`, { defaultValue: name });

export const unitOf = (t: TFunction, limit: Limit): string =>
  limit.unit === "" ? "" : t(`parameters.unit.${limit.unit}`, { defaultValue: limit.unit });

/** A value with its unit, or the word for on and off. */
export function valueText(t: TFunction, value: Value | undefined, limit: Limit): string {
  if (value === undefined) return t("parameters.notANumber");
  if (value === null || value === false) return t("parameters.off");
  if (value === true) return t("parameters.on");
  const unit = unitOf(t, limit);
  if (unit === "") return plain(value);
  return unit.startsWith("%")
    ? `${plain(value)}${unit}`
    : t("parameters.amount", { value: plain(value), unit });
}

/** `Entry gap 1.5 → 1.8` */
export const changeText = (t: TFunction, { name, before, after }: Change): string =>
  `${nameOf(t, name)} ${bare(t, before)} → ${bare(t, after)}`;

/** `1.5%p → 1.8%p`; of a parameter that is no more, without its unit. */
export function changeInUnits(
  t: TFunction,
  { name, before, after }: { name: string; before: Value; after: Value },
  limits: Limits,
): string {
  const limit = name in limits ? limits[name as keyof Limits] : null;
  const told = (value: Value) => (limit ? valueText(t, value, limit) : bare(t, value));
  return `${told(before)} → ${told(after)}`;
}

/** Who made a set: a name as it was given, or the words for those who gave none. */
export const writerOf = (t: TFunction, changedBy: string): string =>
  changedBy === "opening" || changedBy === "api" ? t(`parameters.history.by.${changedBy}`) : changedBy;

function bare(t: TFunction, value: Value): string {
  if (value === null || value === false) return t("parameters.off");
  return value === true ? t("parameters.on") : plain(value);
}

export function faultText(t: TFunction, fault: Fault): string {
  switch (fault.kind) {
    case "range": {
      const [min, max] = [plain(fault.min), plain(fault.max)];
      return Number.isFinite(fault.max)
        ? t("parameters.fault.range", { min, max })
        : t("parameters.fault.least", { min });
    }
    case "belowEntry":
      return t("parameters.fault.belowEntry", { entry: plain(fault.entry) });
    case "refused":
      return t("parameters.fault.refused", { expected: fault.expected });
    default:
      return t(`parameters.fault.${fault.kind}`);
  }
}

export function limitsText(t: TFunction, limit: Limit): string {
  const fallback =
    limit.default === null
      ? t("parameters.off")
      : typeof limit.default === "number"
        ? plain(limit.default)
        : "";
  const [min, max] = [plain(limit.min), plain(limit.max)];
  return limit.min === null || limit.max === null
    ? t("parameters.defaultIs", { value: fallback })
    : t("parameters.limits", { min, max, value: fallback });
}
