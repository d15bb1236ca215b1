import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { DASH, percent } from "@/format/numbers";
import { clock } from "@/format/times";
import { flagOf, listOf, textOf } from "@/signals/data";
import { reasonsOf } from "@/signals/words";
import { useConfig, useView } from "@/stream/hooks";
import { Stat, Stats } from "@/ui";

/** What the gate for new buys says. */
export function GateState() {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const gate = useView("gold", "gate");
  const parameters = useConfig()?.parameters;
  const allowed = flagOf(gate?.data, "new_buys_allowed");
  const reasons = listOf(gate?.data, "reasons");
  const latched = textOf(gate?.data, "latched_at");
  return (
    <Stats>
      <Stat label={t("market.allowed")} hint={reasons.length > 0 ? reasonsOf(t, reasons) : " "}>
        {allowed === null ? DASH : t(allowed ? "market.allowedYes" : "market.allowedNo")}
      </Stat>
      <Stat label={t("market.latched")} hint={latched ? t(`zone.${zone}`) : " "}>
        {latched ? clock(latched, zone) : t("market.notYet")}
      </Stat>
      <Stat label={t("market.indexThreshold")}>{percent(parameters?.bearish_index_threshold_pct)}</Stat>
    </Stats>
  );
}
