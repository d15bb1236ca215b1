import { lazy, Suspense, useState, type ReactNode } from "react";
import { WhyContext, type WhyTarget } from "./WhyContext";

const WhyPanel = lazy(() => import("./WhyPanel"));

/** Holds the one panel "why" that all pages open. */
export function WhyProvider({ children }: { children: ReactNode }) {
  const [target, setTarget] = useState<WhyTarget | null>(null);
  const [wanted, setWanted] = useState(false);
  const open = (next: WhyTarget) => {
    setWanted(true);
    setTarget(next);
  };
  return (
    <WhyContext value={open}>
      {children}
      {wanted && (
        <Suspense>
          <WhyPanel target={target} onClose={() => setTarget(null)} />
        </Suspense>
      )}
    </WhyContext>
  );
}
