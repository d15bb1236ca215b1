import { useTranslation } from "react-i18next";
import type { Limit } from "@/data/queries";
import { plain } from "@/format/numbers";
import { Button, Field } from "@/ui";
import { NumberField } from "@/ui/NumberField";
import { Switch } from "@/ui/Switch";
import { stepped, textOf, type Name } from "./draft";
import styles from "./ParameterField.module.css";
import type { Editor } from "./useEditor";
import { faultText, limitsText, nameOf, unitOf, valueText } from "./words";

/** One parameter: what it does, its limits, its value, and the way back to the value in force. */
export function ParameterField({ name, limit, editor }: { name: Name; limit: Limit; editor: Editor }) {
  const { t } = useTranslation();
  const label = nameOf(t, name);
  const about = t(`parameters.about.${name}`, { defaultValue: limit.note });
  const typed = editor.draft[name];
  const inForce = editor.base.parameters[name];
  const fault = editor.faults[name];
  const error = fault ? faultText(t, fault) : undefined;
  const changed = fault !== undefined || editor.changes.some((change) => change.name === name);
  const { sending } = editor;

  const control =
    typeof inForce === "boolean" ? (
      <Field label={label} hint={about} error={error}>
        {({ id, "aria-describedby": describedBy }) => (
          <OnOff
            id={id}
            describedBy={describedBy}
            on={typeof typed === "boolean" ? typed : inForce}
            disabled={sending}
            onChange={(on) => editor.edit(name, on)}
          />
        )}
      </Field>
    ) : (
      <Amount
        name={name}
        label={label}
        about={about}
        limit={limit}
        error={error}
        changed={changed}
        editor={editor}
      />
    );
  return (
    <div className={styles.parameter} data-changed={changed}>
      {control}
      <p className={styles.standing}>
        <span>{t("parameters.inForce", { value: valueText(t, inForce, limit) })}</span>
        <Button
          kind="quiet"
          className={styles.reset}
          icon="refresh"
          disabled={!changed || sending}
          aria-label={t("parameters.resetField", { name: label })}
          onClick={() => editor.reset(name)}
        >
          {t("parameters.reset")}
        </Button>
      </p>
    </div>
  );
}

interface AmountProps {
  name: Name;
  label: string;
  about: string;
  limit: Limit;
  error: string | undefined;
  changed: boolean;
  editor: Editor;
}

function Amount({ name, label, about, limit, error, changed, editor }: AmountProps) {
  const { t } = useTranslation();
  const typed = editor.draft[name];
  const inForce = editor.base.parameters[name];
  const fallback = typeof limit.default === "number" ? limit.default : 0;
  const start = typeof inForce === "number" ? inForce : fallback;
  const off = typed === null || (typed === undefined && inForce === null);
  const text = off ? "" : typeof typed === "string" ? typed : textOf(inForce);
  return (
    <>
      <NumberField
        label={label}
        hint={
          <>
            {about}
            <br />
            {limitsText(t, limit)}
          </>
        }
        error={error}
        unit={unitOf(t, limit)}
        text={text}
        disabled={editor.sending || off}
        negative={limit.min !== null && limit.min < 0}
        changed={changed}
        onText={(next) => editor.edit(name, next)}
        onStep={(by) => editor.edit(name, stepped(text, by, start, limit))}
        onBlur={editor.settle}
      />
      {limit.nullable && (
        <OnOff
          on={!off}
          label={t("parameters.use", { name: label })}
          disabled={editor.sending}
          onChange={(on) => editor.edit(name, on ? plain(start) : null)}
        />
      )}
    </>
  );
}

interface OnOffProps {
  id?: string;
  describedBy?: string;
  label?: string;
  on: boolean;
  disabled: boolean;
  onChange: (on: boolean) => void;
}

function OnOff({ id, describedBy, label, on, disabled, onChange }: OnOffProps) {
  const { t } = useTranslation();
  return (
    <span className={styles.onOff} data-beside={label !== undefined}>
      <Switch
        checked={on}
        disabled={disabled}
        onChange={onChange}
        {...(id === undefined ? {} : { id })}
        {...(label === undefined ? {} : { label })}
        {...(describedBy === undefined ? {} : { "aria-describedby": describedBy })}
      />
      <span aria-hidden="true">{t(on ? "parameters.on" : "parameters.off")}</span>
    </span>
  );
}
