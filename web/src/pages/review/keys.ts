import type { KeyboardEvent } from "react";

/** Ctrl+Enter, or Cmd+Enter: what ends a text of many lines. */
export function saves(event: KeyboardEvent): boolean {
  const meant = event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing;
  if (meant) event.preventDefault();
  return meant;
}
