import { useEffect, useRef, type ReactNode } from "react";

const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Tints its ground for 400 ms when `value` changed, in the colour of the way it went. */
export function Flash({ value, children }: { value: number | null; children: ReactNode }) {
  const element = useRef<HTMLSpanElement>(null);
  const before = useRef(value);
  useEffect(() => {
    const last = before.current;
    before.current = value;
    if (value === null || last === null || value === last || still()) return;
    const style = getComputedStyle(document.documentElement);
    const hue = style.getPropertyValue(value > last ? "--up" : "--down");
    element.current?.animate(
      [
        { backgroundColor: `color-mix(in srgb, ${hue} 15%, transparent)` },
        { backgroundColor: "transparent" },
      ],
      { duration: 400, easing: "ease-out" },
    );
  }, [value]);
  return (
    <span ref={element} style={{ borderRadius: 4, padding: "2px 3px", margin: "-2px -3px" }}>
      {children}
    </span>
  );
}
