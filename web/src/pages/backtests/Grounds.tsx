import { useTranslation } from "react-i18next";
import type { DataQuality, Result, RunWhole } from "@/data/runs";
import { count, plain, usd } from "@/format/numbers";
import { day } from "@/format/times";
import { Card } from "@/ui";
import styles from "./Grounds.module.css";
import { RUN_PARAMETERS } from "./form";
import { noteText, parameterName, settingText, spanText } from "./words";

/** What the figures rest on. */
export function Quality({ quality, result }: { quality: DataQuality; result: Result }) {
  const { t, i18n } = useTranslation();
  const missing = Object.entries(quality.missing_symbol_bars).sort(([, a], [, b]) => b - a);
  const asked = spanText(result.start, result.end, i18n.language);
  const had =
    result.first_day && result.last_day
      ? spanText(result.first_day, result.last_day, i18n.language)
      : t("backtests.quality.none");
  return (
    <Card title={t("backtests.quality.title")}>
      <dl className={styles.list}>
        <Row label={t("backtests.quality.interval")}>{t(`backtests.interval.${quality.interval}`)}</Row>
        <Row label={t("backtests.quality.asked")}>{asked}</Row>
        <Row label={t("backtests.quality.had")}>{had}</Row>
        <Row label={t("backtests.quality.frames")}>{count(quality.frames)}</Row>
        <Row label={t("backtests.quality.without")}>
          {quality.days_without_data.length === 0
            ? t("backtests.quality.no")
            : quality.days_without_data.map((one) => day(one, i18n.language)).join(", ")}
        </Row>
        <Row label={t("backtests.quality.missing")}>
          {missing.length === 0
            ? t("backtests.quality.no")
            : missing.map(([symbol, n]) => `${symbol} ${count(n)}`).join(" · ")}
        </Row>
      </dl>
      {quality.notes.length > 0 && (
        <ul className={styles.notes}>
          {[...new Set(quality.notes.map((note) => noteText(t, note)))].map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** With what it was run. Parameters that this run changed stand out. */
export function Settings({ run, result }: { run: RunWhole; result: Result }) {
  const { t } = useTranslation();
  const { fees } = result;
  return (
    <Card
      title={t("backtests.settings.title")}
      aside={
        <span className="muted">{t("backtests.form.inForce", { version: result.parameter_version })}</span>
      }
    >
      <dl className={styles.list}>
        <Row label={t("backtests.form.capital")}>{usd(result.initial_capital_usd)}</Row>
        <Row label={t("backtests.form.model")}>{t(`backtests.model.${result.model}`)}</Row>
        {result.portfolio && <Row label={t("backtests.settings.fill")}>{noteText(t, result.fill)}</Row>}
        <Row label={t("backtests.form.fees")}>
          {t("backtests.settings.fees", {
            commission: plain(fees.commission_pct),
            sec: plain(fees.sec_fee_pct),
            fx: plain(fees.fx_spread_pct),
          })}
        </Row>
        {RUN_PARAMETERS.map((name) => (
          <Row key={name} label={parameterName(t, name)} own={name in run.request.parameters}>
            {settingText(t, name, result.parameters?.[name])}
          </Row>
        ))}
      </dl>
    </Card>
  );
}

function Row({ label, own = false, children }: { label: string; own?: boolean; children: string }) {
  const { t } = useTranslation();
  return (
    <div className={styles.row} data-own={own}>
      <dt>{label}</dt>
      <dd className="num">
        {children}
        {own && <span className={styles.own}> · {t("backtests.settings.own")}</span>}
      </dd>
    </div>
  );
}
