// Records that could not be used, in pages.

import { infiniteQueryOptions } from "@tanstack/react-query";
import { get, query } from "@/data/api";
import type { components } from "@/generated/api";

type Schemas = components["schemas"];
export type Letter = Schemas["Letter"];

const PAGE = 5;
const EVERY_MS = 15_000;

export const deadLettersQuery = () =>
  infiniteQueryOptions({
    queryKey: ["dead-letters"],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas["Letters"]>(`/api/dead-letters${query({ limit: PAGE, offset: pageParam })}`, signal),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const shown = pages.reduce((sum, page) => sum + page.items.length, 0);
      return last.items.length > 0 && shown < last.total ? shown : null;
    },
    refetchInterval: EVERY_MS,
    retry: false,
  });

/** Each place once: one that came between two pages moves the others down. */
export const eachOnce = (letters: readonly Letter[]): readonly Letter[] => [
  ...new Map(letters.map((letter) => [letter.place, letter])).values(),
];
