import { useMemo } from "react";
import { useRegistry } from "@/data/queries";
import { gateOf, type Gate } from "@/signals/gate";
import { useFeed, useModel, useTradeDay, useStream, useView } from "@/stream/hooks";

/** What the page says about buying today. */
export function useGate(): Gate & { gold: string } {
  const gold = useRegistry()?.gold ?? "GLD";
  const feed = useFeed();
  const { store } = useStream();
  const connected = useModel(() => store.connection.state === "open");
  const session = useTradeDay()?.session ?? null;
  const goldView = useView("gold", gold);
  const gateView = useView("gold", "gate");
  return useMemo(
    () => ({ ...gateOf({ feed, connected, session, gold: goldView, gate: gateView }), gold }),
    [feed, connected, session, goldView, gateView, gold],
  );
}
