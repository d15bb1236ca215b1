import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { Icon } from "@/ui";
import styles from "./BottomTabs.module.css";
import { DESTINATIONS } from "./navigation";

/** The way around on a phone. */
export function BottomTabs({ onMore }: { onMore: () => void }) {
  const { t } = useTranslation();
  return (
    <nav className={styles.tabs} aria-label={t("nav.tabs")}>
      {DESTINATIONS.filter((one) => one.tab).map(({ path, name }) => (
        <NavLink key={path} to={path} end className={styles.tab}>
          <Icon name={name} size={20} />
          {t(`nav.short.${name}`)}
        </NavLink>
      ))}
      <button type="button" className={styles.tab} onClick={onMore}>
        <Icon name="more" size={20} />
        {t("nav.more")}
      </button>
    </nav>
  );
}
