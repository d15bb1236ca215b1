import { useTranslation } from "react-i18next";
import { ApiError } from "@/data/api";
import { Button, Icon } from "@/ui";
import styles from "./Problem.module.css";

const KNOWN: Readonly<Record<number, string>> = {
  0: "unreachable",
  401: "unauthorized",
  403: "unauthorized",
  409: "conflict",
  429: "tooMany",
  503: "unavailable",
};

/** What went wrong with something that was asked for, what it means and what to do. */
export function Problem({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  const api = error instanceof ApiError ? error : null;
  const key = api ? KNOWN[api.status] : undefined;
  const values = { limit: Number(api?.details["limit"] ?? 0), waiting: Number(api?.details["waiting"] ?? 0) };
  const waitWorks = key === "tooMany" || key === "unavailable" || key === "unreachable";
  return (
    <div className={styles.problem} role="alert">
      <Icon name="stop" size={18} />
      <div>
        <p className={styles.title}>{t(`backtests.problem.${key ?? "other"}.title`, values)}</p>
        <p>{key === undefined ? error.message : t(`backtests.problem.${key}.about`, values)}</p>
      </div>
      {onRetry && waitWorks && (
        <Button icon="refresh" onClick={onRetry}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}
