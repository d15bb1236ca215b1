// Months and days of the calendar. A day is `YYYY-MM-DD` and has no zone.

const at = (text: string): Date => new Date(`${text}T12:00:00Z`);
const textOf = (date: Date): string => date.toISOString().slice(0, 10);

export const monthOf = (day: string): string => day.slice(0, 7);

/** `2026-11` and `n` months on. */
export function shifted(month: string, n: number): string {
  const date = at(`${month}-01`);
  date.setUTCMonth(date.getUTCMonth() + n);
  return textOf(date).slice(0, 7);
}

/** The weeks of a month from Sunday to Saturday, with the days of its neighbours that fill them. */
export function weeksOf(month: string): string[][] {
  const day = at(`${month}-01`);
  day.setUTCDate(1 - day.getUTCDay());
  const weeks: string[][] = [];
  do {
    weeks.push(
      Array.from({ length: 7 }, () => {
        const text = textOf(day);
        day.setUTCDate(day.getUTCDate() + 1);
        return text;
      }),
    );
  } while (textOf(day).slice(0, 7) === month);
  return weeks;
}

export const isWeekend = (day: string): boolean => [0, 6].includes(at(day).getUTCDay());

export const dayNumber = (day: string): number => Number(day.slice(8));

/** `n` days on. */
export function stepped(day: string, n: number): string {
  const date = at(day);
  date.setUTCDate(date.getUTCDate() + n);
  return textOf(date);
}

/** Items by a date, in their order. */
export function byDay<Item>(items: readonly Item[], dayOf: (item: Item) => string): Map<string, Item[]> {
  const found = new Map<string, Item[]>();
  for (const item of items) {
    const day = dayOf(item);
    const known = found.get(day);
    if (known) known.push(item);
    else found.set(day, [item]);
  }
  return found;
}
