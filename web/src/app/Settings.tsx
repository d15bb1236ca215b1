import * as Popover from "@radix-ui/react-popover";
import { useTranslation } from "react-i18next";
import { Button, Segmented } from "@/ui";
import styles from "./Settings.module.css";
import { preferences, usePreferences, type Preferences } from "./preferences";

/** How the reader wants to see it: theme, colours, zone, language. */
export function Settings() {
  const { t } = useTranslation();
  const chosen = usePreferences();
  const row = <Name extends keyof Preferences>(name: Name, values: readonly Preferences[Name][]) => (
    <div className={styles.row}>
      <span>{t(`settings.${name}.label`)}</span>
      <Segmented
        label={t(`settings.${name}.label`)}
        value={chosen[name]}
        options={values.map((value) => ({ value, label: t(`settings.${name}.${value}`) }))}
        onChange={(value) => preferences.set(name, value)}
      />
    </div>
  );
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <Button kind="quiet" icon="settings" label={t("settings.label")} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.content}
          align="end"
          sideOffset={8}
          collisionPadding={12}
          aria-label={t("settings.label")}
        >
          {row("language", ["ko", "en"])}
          {row("theme", ["system", "light", "dark"])}
          {row("scheme", ["kr", "us"])}
          {row("zone", ["kst", "et"])}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
