import { useState, type ReactNode } from "react";
import { ChartGroup, GroupContext } from "./group";

/** The charts within share one crosshair. */
export function SharedCrosshair({ children }: { children: ReactNode }) {
  const [group] = useState(() => new ChartGroup());
  return <GroupContext value={group}>{children}</GroupContext>;
}
