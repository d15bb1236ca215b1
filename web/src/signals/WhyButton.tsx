import { useTranslation } from "react-i18next";
import styles from "./WhyButton.module.css";
import { useWhy, type WhyTarget } from "./WhyContext";

/** `subject`: what is explained, for those who hear the button instead of seeing where it stands. */
export function WhyButton({ target, subject }: { target: WhyTarget; subject: string }) {
  const { t } = useTranslation();
  const why = useWhy();
  return (
    <button
      type="button"
      className={styles.why}
      onClick={() => why(target)}
      aria-label={t("why.of", { subject })}
    >
      {t("why.ask")}
    </button>
  );
}
