// Stands in for the package `react-remove-scroll`, which Radix uses to hold the page still behind a dialog: that one
// writes a <style> into the page, which the content security policy forbids. A class on the body does the same.

import { useEffect, type ReactNode } from "react";

let holding = 0;

interface Props {
  enabled?: boolean;
  children?: ReactNode;
}

/** Only `enabled` is heeded; Radix also tells it what to render as and which parts may scroll, which need nothing here. */
export function RemoveScroll({ enabled = true, children }: Props) {
  useEffect(() => {
    if (!enabled) return undefined;
    holding += 1;
    document.documentElement.classList.add("held");
    return () => {
      holding -= 1;
      if (holding === 0) document.documentElement.classList.remove("held");
    };
  }, [enabled]);
  return children;
}

export default RemoveScroll;
