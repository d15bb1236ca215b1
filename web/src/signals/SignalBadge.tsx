import { useTranslation } from "react-i18next";
import { Badge } from "@/ui";
import type { Shown } from "./verdict";
import { reasonsOf, wordOf } from "./words";

interface Props {
  look: Shown;
  /** What is shown may no longer hold. */
  stale?: boolean;
  /** What was, beside what is. */
  past?: boolean;
  size?: "s" | "m";
}

/** The verdict as a badge. A buy that is held back says so instead of calling to act. */
export function SignalBadge({ look, stale = false, past = false, size = "m" }: Props) {
  const { t } = useTranslation();
  const held = look.heldBy.length > 0;
  return (
    <Badge tone={look.tone} stale={stale} held={held && !stale} past={past} size={size}>
      {wordOf(t, look)}
      {held && (
        <span className="visually-hidden">
          {" "}
          ({t("signal.heldBy", { reasons: reasonsOf(t, look.heldBy) })})
        </span>
      )}
    </Badge>
  );
}
