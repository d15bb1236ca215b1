// Tables and texts as files.

type Cell = string | number | null | undefined;

/** RFC 4180: a field with a comma, a quote or a line break is quoted. Unknown is empty. */
export function csvOf(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const field = (cell: Cell): string => {
    const text = cell === null || cell === undefined ? "" : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => row.map(field).join(",") + "\r\n").join("");
}

/** Offer `text` as a file. A byte order mark tells spreadsheets that CSV is UTF-8. */
export function download(
  name: string,
  text: string,
  type: "text/csv" | "text/html" | "application/json",
): void {
  const mark = type === "text/csv" ? "\ufeff" : "";
  const address = URL.createObjectURL(new Blob([mark, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
