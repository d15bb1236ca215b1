import { expect, test } from "vitest";
import { sortedBy, type Column } from "./Table";

interface Row {
  name: string;
  change: number | null;
}
const rows: Row[] = [
  { name: "b", change: 1 },
  { name: "a", change: null },
  { name: "c", change: -2 },
];
const columns: Column<Row>[] = [
  { id: "name", header: "name", cell: (row) => row.name, sortBy: (row) => row.name },
  { id: "change", header: "change", cell: (row) => row.change, sortBy: (row) => row.change },
];
const names = (id: string, descending: boolean) =>
  sortedBy(rows, columns, { id, descending }).map((row) => row.name);

test("sorts either way; the unknown is last in both", () => {
  expect(names("change", true)).toEqual(["b", "c", "a"]);
  expect(names("change", false)).toEqual(["c", "b", "a"]);
  expect(names("name", true)).toEqual(["c", "b", "a"]);
});

test("without a sort the order stays", () => {
  expect(sortedBy(rows, columns, null)).toBe(rows);
});
