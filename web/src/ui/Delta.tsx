import { direction, percent, signed, type Maybe } from "@/format/numbers";

/** A change with its sign and colour. `unit` is left out where the header says it. */
export function Delta({ value, unit = true }: { value: Maybe; unit?: boolean }) {
  return (
    <span className="num" data-dir={direction(value) ?? undefined}>
      {unit ? percent(value) : signed(value)}
    </span>
  );
}
