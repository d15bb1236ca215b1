import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "@/app/Loading";
import { useRegistry } from "@/data/queries";
import { BearishCard, ConditionalCard, GoldCard, PairCard, PluginCard, StopCard } from "@/signals/cards";
import { signalOf } from "@/signals/words";
import { sameItems, useLoaded, useModel } from "@/stream/hooks";
import { Page } from "@/ui";
import { Attention } from "./Attention";
import { Latest } from "./Latest";
import styles from "./Overview.module.css";
import { PriceStrip } from "./PriceStrip";

const OWN = new Set(["gold", "twin_pairs", "conditional", "stop_loss", "bearish"]);

export default function Overview() {
  const { t } = useTranslation();
  const loaded = useLoaded();
  const registry = useRegistry();
  if (!loaded || !registry) return <Loading />;
  return (
    <Page title={t("nav.overview")}>
      <Attention />
      <div className={styles.grid}>
        {registry.pairs.map((pair) => (
          <PairCard key={pair.key} pair={pair} />
        ))}
        <ConditionalCard registry={registry} />
        <BearishCard registry={registry} />
        <GoldCard registry={registry} />
        <Plugins />
        <StopCard registry={registry} />
        <Latest className={styles.latest} />
      </div>
      <PriceStrip registry={registry} />
    </Page>
  );
}

/** Signals that were added to the catalogue. */
function Plugins() {
  const { t, i18n } = useTranslation();
  const catalogue = useModel((model) => model.catalogue);
  const keys = useModel(
    (model) => [...model.views.keys()].filter((key) => !OWN.has(key.split(":")[0] ?? "")).sort(),
    sameItems,
  );
  const cards = useMemo(
    () => keys.map((key) => [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)] as const),
    [keys],
  );
  return cards.map(([type, subject]) => (
    <PluginCard
      key={`${type}:${subject}`}
      type={type}
      subject={subject}
      title={signalOf(
        t,
        type,
        catalogue.find((one) => one.type === type),
        i18n.language,
      )}
    />
  ));
}
