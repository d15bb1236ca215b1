import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Sheet } from "@/ui";
import styles from "./Compare.module.css";
import { chosen, conflictsOf, type Conflict, type Limits, type Name } from "./draft";
import type { Editor } from "./useEditor";
import { nameOf, valueText } from "./words";

interface Props {
  editor: Editor;
  limits: Limits;
  open: boolean;
  onClose: () => void;
}

/** Someone else was first: both sets side by side, and a choice for each field that was edited. */
export function Compare({ editor, limits, open, onClose }: Props) {
  const { t } = useTranslation();
  const { base, inForce, draft, sending } = editor;
  const [theirs, setTheirs] = useState<ReadonlySet<Name>>(new Set());
  const rows = conflictsOf(draft, base.parameters, inForce.parameters);
  const mine = rows.filter((row) => row.touched);
  const others = rows.filter((row) => !row.touched);
  const choose = (name: Name, side: "mine" | "theirs") => {
    const next = new Set(theirs);
    if (side === "theirs") next.add(name);
    else next.delete(name);
    setTheirs(next);
  };
  const left = chosen(draft, theirs, inForce.parameters);
  const finish = (send: boolean) => {
    void editor.rebase(left, send);
    setTheirs(new Set());
    onClose();
  };
  return (
    <Sheet open={open} onClose={onClose} side="center" title={t("parameters.conflict.title")}>
      <div className={styles.compare}>
        <p>{t("parameters.conflict.about", { before: base.version, after: inForce.version })}</p>
        {mine.map((row) => (
          <Choice
            key={row.name}
            row={row}
            limits={limits}
            side={theirs.has(row.name) ? "theirs" : "mine"}
            onChoose={(side) => choose(row.name, side)}
          />
        ))}
        {others.length > 0 && (
          <section className={styles.others}>
            <h3>{t("parameters.conflict.others")}</h3>
            <ul>
              {others.map(({ name, base: before, theirs: after }) => (
                <li key={name}>
                  <span>{nameOf(t, name)}</span>
                  <span className="num">
                    {valueText(t, before, limits[name])} → {valueText(t, after, limits[name])}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
        <div className={styles.buttons}>
          <Button
            onClick={() => {
              editor.discard();
              onClose();
            }}
          >
            {t("parameters.conflict.discard")}
          </Button>
          <Button onClick={() => finish(false)}>{t("parameters.conflict.goOn")}</Button>
          <Button
            kind="primary"
            disabled={sending || Object.keys(left).length === 0}
            onClick={() => finish(true)}
          >
            {t("parameters.conflict.apply")}
          </Button>
        </div>
      </div>
    </Sheet>
  );
}

interface ChoiceProps {
  row: Conflict;
  limits: Limits;
  side: "mine" | "theirs";
  onChoose: (side: "mine" | "theirs") => void;
}

function Choice({ row, limits, side, onChoose }: ChoiceProps) {
  const { t } = useTranslation();
  const limit = limits[row.name];
  const same = row.mine === row.theirs;
  return (
    <fieldset className={styles.choice}>
      <legend>
        {nameOf(t, row.name)}{" "}
        <span className="muted">
          {t("parameters.conflict.was", { value: valueText(t, row.base, limit) })}
        </span>
      </legend>
      {same ? (
        <p className="muted">{t("parameters.conflict.same", { value: valueText(t, row.mine, limit) })}</p>
      ) : (
        (["mine", "theirs"] as const).map((one) => (
          <label key={one} className={styles.option} data-chosen={side === one}>
            <input type="radio" name={row.name} checked={side === one} onChange={() => onChoose(one)} />
            <span className={styles.whose}>{t(`parameters.conflict.${one}`)}</span>
            <b className="num">{valueText(t, row[one], limit)}</b>
          </label>
        ))
      )}
    </fieldset>
  );
}
