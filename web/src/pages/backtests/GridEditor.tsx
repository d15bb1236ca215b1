import { useTranslation } from "react-i18next";
import { count, plain } from "@/format/numbers";
import { Button, Card, SelectField, TextField } from "@/ui";
import styles from "./RunForm.module.css";
import { wordsOf } from "./faults";
import { combinations, RUN_PARAMETERS, valuesFrom, type Faults, type GridLine, type Limits } from "./form";
import { parameterName, unitOf } from "./words";

interface Props {
  grid: readonly GridLine[];
  walkForward: string;
  limits: Limits;
  faults: Faults;
  onGrid: (grid: readonly GridLine[]) => void;
  onWalkForward: (text: string) => void;
}

/** The parameters that a sweep varies, each with its values. */
export function GridEditor({ grid, walkForward, limits, faults, onGrid, onWalkForward }: Props) {
  const { t } = useTranslation();
  const used = new Set(grid.map((line) => line.name));
  const free = RUN_PARAMETERS.filter((name) => !used.has(name));
  const replace = (at: number, line: GridLine) => onGrid(grid.map((one, i) => (i === at ? line : one)));
  const lanes = combinations(grid);
  return (
    <Card title={t("backtests.grid.title")}>
      <p className={styles.about}>{t("backtests.grid.about")}</p>
      <div className={styles.lines}>
        {grid.map((line, i) => {
          const limit = limits[line.name];
          const values = valuesFrom(line.text);
          return (
            <div key={line.name} className={styles.line}>
              <SelectField
                label={t("backtests.grid.parameter")}
                value={line.name}
                onChange={(event) => replace(i, { name: event.target.value, text: "" })}
              >
                {[line.name, ...free].map((name) => (
                  <option key={name} value={name}>
                    {parameterName(t, name)}
                  </option>
                ))}
              </SelectField>
              <TextField
                label={t("backtests.grid.values")}
                hint={
                  values && values.length > 0
                    ? values.slice(0, 12).map(plain).join(" · ") + (values.length > 12 ? " …" : "")
                    : limit && t("backtests.form.limit", { min: plain(limit.min), max: plain(limit.max) })
                }
                error={wordsOf(t, faults[`grid.${line.name}`])}
                unit={limit ? unitOf(t, limit.unit) : ""}
                placeholder="1, 1.5, 2"
                value={line.text}
                onChange={(event) => replace(i, { ...line, text: event.target.value })}
              />
              <Button
                kind="quiet"
                icon="trash"
                label={t("backtests.grid.remove")}
                disabled={grid.length === 1}
                onClick={() => onGrid(grid.filter((_, at) => at !== i))}
              />
            </div>
          );
        })}
      </div>
      <Button
        className={styles.add}
        icon="plus"
        disabled={free.length === 0 || grid.length >= 4}
        onClick={() => onGrid([...grid, { name: free[0] ?? "", text: "" }])}
      >
        {t("backtests.grid.add")}
      </Button>
      <div className={styles.walk}>
        <TextField
          inputMode="numeric"
          label={t("backtests.grid.walk")}
          hint={t("backtests.grid.walkHint")}
          error={wordsOf(t, faults["walk_forward_days"])}
          unit={t("backtests.unit.days")}
          value={walkForward}
          onChange={(event) => onWalkForward(event.target.value)}
        />
        <p className={styles.count} data-wrong={faults["grid"] !== undefined}>
          {wordsOf(t, faults["grid"]) ??
            (lanes === null ? "" : t("backtests.grid.lanes", { n: count(lanes) }))}
        </p>
      </div>
    </Card>
  );
}
