import { useEffect, useRef, type ReactNode } from "react";
import { useStream } from "@/stream/hooks";
import { now } from "@/stream/types";
import styles from "./Flash.module.css";

const FLASH_MS = 400;

/**
 * Tints its ground for a moment when `value` changed, in the colour of the way it went. It does not fade: a fade of
 * sixteen prices would keep the browser painting every frame for as long as the page is open. It ends with the next
 * values, in the frame that they cost anyway, or by itself where none come.
 */
export function Flash({ value, children }: { value: number | null; children: ReactNode }) {
  const element = useRef<HTMLSpanElement>(null);
  const before = useRef(value);
  const { store } = useStream();
  useEffect(() => {
    const last = before.current;
    before.current = value;
    const place = element.current;
    if (!place || value === null || last === null || value === last) return undefined;
    place.dataset["flash"] = value > last ? "up" : "down";
    const until = now() + FLASH_MS;
    const deaf = store.subscribe(() => {
      if (now() >= until) off();
    });
    const silence = window.setTimeout(() => off(), 2 * FLASH_MS);
    const off = () => {
      delete place.dataset["flash"];
      window.clearTimeout(silence);
      deaf();
    };
    return off;
  }, [store, value]);
  return (
    <span ref={element} className={styles.flash}>
      {children}
    </span>
  );
}
