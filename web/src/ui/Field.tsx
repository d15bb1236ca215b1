import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from "react";
import styles from "./Field.module.css";

interface Around {
  label: ReactNode;
  /** Limits, unit, what it is for. */
  hint?: ReactNode;
  error?: ReactNode;
}

/** A labelled control. `children` gets the ids that tie it to label, hint and error. */
export function Field({
  label,
  hint,
  error,
  children,
}: Around & {
  children: (ids: { id: string; "aria-describedby": string; "aria-invalid": boolean }) => ReactNode;
}) {
  const id = useId();
  const note = `${id}-note`;
  const wrong = error !== undefined && error !== null && error !== false;
  return (
    <div className={styles.field} data-wrong={wrong}>
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-describedby": note, "aria-invalid": wrong })}
      <p id={note} className={styles.note}>
        {wrong ? error : hint}
      </p>
    </div>
  );
}

export function TextField({
  label,
  hint,
  error,
  unit,
  ...rest
}: Around & { unit?: string } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <span className={styles.control}>
          <input {...ids} {...rest} />
          {unit !== undefined && <span className={styles.unit}>{unit}</span>}
        </span>
      )}
    </Field>
  );
}

/** A native list: the best there is on a phone and with a keyboard. */
export function SelectField({
  label,
  hint,
  error,
  children,
  ...rest
}: Around & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <span className={styles.control}>
          <select {...ids} {...rest}>
            {children}
          </select>
        </span>
      )}
    </Field>
  );
}
