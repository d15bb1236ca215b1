import { useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Table.module.css";
import { Icon } from "./Icon";

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** What to sort by; without it the column cannot be sorted. Unknown goes last whichever way. */
  sortBy?: (row: Row) => number | string | null;
  numeric?: boolean;
  /** On a phone, where rows are cards: the card's head, a line of it, or not shown. */
  phone?: "head" | "line" | "none";
  /** Left out at 768 px and less. */
  wide?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  initialSort?: { id: string; descending: boolean };
  empty?: ReactNode;
  rowProps?: (row: Row) => { "data-selected"?: boolean; "data-muted"?: boolean; id?: string };
}

type Sort = { id: string; descending: boolean } | null;

/** A table whose columns sort on a click; each row becomes a card at 480 px and less. */
export function Table<Row>({ caption, columns, rows, keyOf, initialSort, empty, rowProps }: Props<Row>) {
  const { t } = useTranslation();
  const [sort, setSort] = useState<Sort>(initialSort ?? null);
  const sorted = useMemo(() => sortedBy(rows, columns, sort), [rows, columns, sort]);
  const toggle = (column: Column<Row>) =>
    setSort((before) =>
      before?.id !== column.id
        ? { id: column.id, descending: column.numeric ?? false }
        : before.descending === (column.numeric ?? false)
          ? { id: column.id, descending: !before.descending }
          : null,
    );
  return (
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} role="region" aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const by = sort?.id === column.id ? sort : null;
              return (
                <th
                  key={column.id}
                  scope="col"
                  data-numeric={column.numeric}
                  data-wide={column.wide}
                  aria-sort={by ? (by.descending ? "descending" : "ascending") : undefined}
                >
                  {column.sortBy ? (
                    <button type="button" onClick={() => toggle(column)} title={t("common.sort")}>
                      {column.header}
                      <span className={styles.arrow} data-on={by !== null}>
                        <Icon name={by && !by.descending ? "sortUp" : "sortDown"} size={12} />
                      </span>
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={keyOf(row)} {...rowProps?.(row)}>
              {columns.map((column) => (
                <td
                  key={column.id}
                  data-numeric={column.numeric}
                  data-wide={column.wide}
                  data-phone={column.phone ?? "line"}
                >
                  <span className={styles.label} aria-hidden="true">
                    {column.header}
                  </span>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && empty}
    </div>
  );
}

export function sortedBy<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort,
): readonly Row[] {
  const sortBy = columns.find((column) => column.id === sort?.id)?.sortBy;
  if (!sort || !sortBy) return rows;
  const sign = sort.descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [sortBy(a), sortBy(b)];
    if (x === null || y === null) return (x === null ? 1 : 0) - (y === null ? 1 : 0);
    if (typeof x === "number" && typeof y === "number") return sign * (x - y);
    return sign * String(x).localeCompare(String(y));
  });
}
