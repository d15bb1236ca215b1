import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import type { Registry } from "@/data/queries";
import { DASH } from "@/format/numbers";
import { clock } from "@/format/times";
import { SignalCard } from "@/signals/SignalCard";
import { flagOf, listOf, textOf } from "@/signals/data";
import type { Shown } from "@/signals/verdict";
import { reasonsOf } from "@/signals/words";
import { useView } from "@/stream/hooks";
import { Stat, Stats } from "@/ui";

/** The gate that all rules share: whether anything new may be bought, and what holds it shut. */
export function GateCard({ registry }: { registry: Registry }) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const view = useView("gold", "gate");
  const allowed = flagOf(view?.data, "new_buys_allowed");
  const reasons = listOf(view?.data, "reasons");
  const latched = textOf(view?.data, "latched_at");
  const look: Shown = {
    tone: allowed === null ? "unknown" : allowed ? "ok" : reasons.includes("R1") ? "ban" : "wait",
    word: allowed === null ? "state.none" : allowed ? "market.allowedYes" : "market.allowedNo",
    plain: null,
    heldBy: [],
  };
  return (
    <SignalCard
      title={t("market.allowed")}
      name={t("market.allowed")}
      why={{ kind: "view", type: "gold", subject: registry.gold }}
      look={look}
      number={null}
      sentence={
        allowed === null
          ? ""
          : allowed
            ? t("market.open")
            : t("market.heldBy", { reasons: reasonsOf(t, reasons) })
      }
      since={view?.since ?? null}
    >
      <Stats>
        <Stat label={t("market.latched")} hint={latched ? t(`zone.${zone}`) : " "}>
          {latched ? clock(latched, zone) : view ? t("market.notYet") : DASH}
        </Stat>
      </Stats>
    </SignalCard>
  );
}
