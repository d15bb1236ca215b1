import type { KeyboardEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "./Field";
import styles from "./NumberField.module.css";

interface Props {
  label: string;
  hint?: ReactNode;
  error?: ReactNode;
  unit?: string;
  /** As it was typed: half a number is one, too. */
  text: string;
  onText: (text: string) => void;
  /** One step up or down, by the buttons or the arrow keys. */
  onStep: (by: 1 | -1) => void;
  onBlur?: () => void;
  disabled?: boolean;
  /** The keyboards of some phones have no minus among the digits. */
  negative?: boolean;
  changed?: boolean;
}

/** A number with its unit and steps. It keeps the text, so that typing is never corrected in the middle. */
export function NumberField({
  label,
  hint,
  error,
  unit,
  text,
  onText,
  onStep,
  onBlur,
  disabled,
  negative,
  changed,
}: Props) {
  const { t } = useTranslation();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    onStep(event.key === "ArrowUp" ? 1 : -1);
  };
  const stepper = (by: 1 | -1) => (
    <button
      type="button"
      className={styles.step}
      tabIndex={-1} // the arrow keys do it
      disabled={disabled}
      aria-label={t(by > 0 ? "parameters.stepUp" : "parameters.stepDown", { name: label })}
      onClick={() => onStep(by)}
    >
      {by > 0 ? "+" : "\u2212"}
    </button>
  );
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <span className={styles.control} data-changed={changed} data-wrong={ids["aria-invalid"]}>
          {stepper(-1)}
          <input
            {...ids}
            className={styles.input}
            type="text"
            inputMode={negative ? "text" : "decimal"}
            autoComplete="off"
            spellCheck={false}
            value={text}
            disabled={disabled}
            onChange={(event) => onText(event.target.value)}
            onBlur={onBlur}
            onKeyDown={onKeyDown}
          />
          {unit !== undefined && unit !== "" && <span className={styles.unit}>{unit}</span>}
          {stepper(1)}
        </span>
      )}
    </Field>
  );
}
