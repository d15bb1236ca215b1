import { useEffect, useRef, type ReactNode } from "react";
import styles from "./Flash.module.css";

const FLASH_MS = 400;

/**
 * Tints its ground for a moment when `value` changed, in the colour of the way it went. It does not fade: a fade of
 * sixteen prices would keep the browser painting every frame for as long as the page is open.
 */
export function Flash({ value, children }: { value: number | null; children: ReactNode }) {
  const element = useRef<HTMLSpanElement>(null);
  const before = useRef(value);
  useEffect(() => {
    const last = before.current;
    before.current = value;
    const place = element.current;
    if (!place || value === null || last === null || value === last) return undefined;
    place.dataset["flash"] = value > last ? "up" : "down";
    const off = () => delete place.dataset["flash"];
    const timer = window.setTimeout(off, FLASH_MS);
    return () => {
      window.clearTimeout(timer);
      off();
    };
  }, [value]);
  return (
    <span ref={element} className={styles.flash}>
      {children}
    </span>
  );
}
