import { useTranslation } from "react-i18next";
import { Button, Icon } from "@/ui";
import styles from "./Problem.module.css";
import { problemOf } from "./problems";

/** What went wrong with something that was asked for, what it means and what to do. */
export function Problem({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  const { title, about, waitWorks } = problemOf(t, error);
  return (
    <div className={styles.problem} role="alert">
      <Icon name="stop" size={18} />
      <div>
        <p className={styles.title}>{title}</p>
        <p>{about}</p>
      </div>
      {onRetry && waitWorks && (
        <Button icon="refresh" onClick={onRetry}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}
