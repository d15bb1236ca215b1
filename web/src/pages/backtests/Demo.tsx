import { useTranslation } from "react-i18next";
import styles from "./Demo.module.css";

/** Says that figures are a simulator's. Nothing where they are the market's. */
export function Demo({ demo }: { demo: boolean }) {
  const { t } = useTranslation();
  if (!demo) return null;
  return (
    <span className={styles.demo} title={t("feed.demoAbout")}>
      {t("feed.demo")}
      <span className="visually-hidden">: {t("feed.demoAbout")}</span>
    </span>
  );
}
