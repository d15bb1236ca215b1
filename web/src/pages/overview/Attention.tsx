import { useTranslation } from "react-i18next";
import { useRegistry } from "@/data/queries";
import { percent, signed } from "@/format/numbers";
import { SignalBadge } from "@/signals/SignalBadge";
import { useWhy } from "@/signals/WhyContext";
import { numberOf } from "@/signals/data";
import { attentionOf, type Attention as Item } from "@/signals/verdict";
import { subjectOf } from "@/signals/words";
import { isCurrent } from "@/stream/feed";
import { useFeed, useModel } from "@/stream/hooks";
import { viewOf } from "@/stream/model";
import { Icon } from "@/ui";
import styles from "./Overview.module.css";

const MOST = 8;

/** What needs the reader now, the most urgent first. */
export function Attention() {
  const { t } = useTranslation();
  const current = isCurrent(useFeed());
  const items = useModel(
    (model) =>
      attentionOf(
        [...model.views.values()].filter((view) => viewOf(model, view.signal_type, view.subject) === view),
      ),
    same,
  );
  return (
    <section className={styles.attention} aria-labelledby="attention">
      <h2 id="attention">{t("overview.attention")}</h2>
      {!current ? (
        <p className="muted">{t("overview.calmStale")}</p>
      ) : items.length === 0 ? (
        <p className="muted">{t("overview.calm")}</p>
      ) : (
        <ul>
          {items.slice(0, MOST).map((item) => (
            <Chip key={`${item.view.signal_type}:${item.view.subject}`} item={item} />
          ))}
          {items.length > MOST && <li className="muted">{t("overview.more", { n: items.length - MOST })}</li>}
        </ul>
      )}
    </section>
  );
}

function Chip({ item: { view, shown } }: { item: Item }) {
  const { t } = useTranslation();
  const registry = useRegistry();
  const why = useWhy();
  const { signal_type: type, subject, data } = view;
  const number =
    type === "twin_pairs"
      ? `${t("pair.gap")} ${signed(numberOf(data, "gap"))}`
      : percent(
          numberOf(
            data,
            type === "conditional" ? "target_pct" : type === "bearish" ? "spy_pct" : "change_pct",
          ),
        );
  return (
    <li>
      <button type="button" className={styles.chip} onClick={() => why({ kind: "view", type, subject })}>
        <SignalBadge look={shown} size="s" />
        <b>{subjectOf(t, type, subject, registry)}</b>
        <span className="num muted">{number}</span>
        <Icon name="chevron" size={12} />
      </button>
    </li>
  );
}

const same = (a: readonly Item[], b: readonly Item[]): boolean =>
  a.length === b.length && a.every((item, i) => item.view === b[i]?.view);
