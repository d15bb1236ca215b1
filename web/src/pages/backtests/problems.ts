// What a failed request means to the person who made it.

import type { TFunction } from "i18next";
import { ApiError } from "@/data/api";

const KNOWN: Readonly<Record<number, string>> = {
  0: "unreachable",
  401: "unauthorized",
  403: "unauthorized",
  409: "conflict",
  429: "tooMany",
  503: "unavailable",
};

export interface Told {
  title: string;
  about: string;
  /** Whether the same request may well succeed a little later. */
  waitWorks: boolean;
}

export function problemOf(t: TFunction, error: Error): Told {
  const api = error instanceof ApiError ? error : null;
  const key = api ? KNOWN[api.status] : undefined;
  const values = { limit: Number(api?.details["limit"] ?? 0), waiting: Number(api?.details["waiting"] ?? 0) };
  return {
    title: t(`backtests.problem.${key ?? "other"}.title`, values),
    about: key === undefined ? error.message : t(`backtests.problem.${key}.about`, values),
    waitWorks: key === "tooMany" || key === "unavailable" || key === "unreachable",
  };
}

/** The same in one line. */
export function problemText(t: TFunction, error: Error): string {
  const { title, about } = problemOf(t, error);
  return `${title}. ${about}`;
}
