// Small helpers over the DOM. Text always goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `h("p", { class: "muted" }, "text", child)`. `on*` are listeners, other names are attributes. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const PATHS = {
  entry: "M12 4v14M6 10l6-6 6 6",
  sell: "M12 20V6M6 14l6 6 6-6",
  hold: "M6 9h12M6 15h12",
  alert: "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17.2v.3",
  ban: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.7 5.7l12.6 12.6",
  wait: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3 2",
  unknown: "M9.2 9.2a2.9 2.9 0 1 1 4 2.7c-.8.3-1.2.9-1.2 1.7v.5M12 17.3v.2",
  ok: "M5 12.5l4.5 4.5L19 7.5",
  info: "M12 11v6M12 7.2v.3M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
};

const SHAPES = { entry: "entry", sell: "sell", hold: "hold", ban: "ban", stop: "alert", down: "alert", wait: "wait", ok: "ok" };

/** The icon of a kind of verdict. */
export const shapeOf = (kind) => SHAPES[kind] ?? "unknown";

/** A line icon; it only decorates the word beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.unknown);
  svg.append(path);
  return svg;
}

/** Set text only where it changed, so that selections survive and nothing is painted twice. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function mark(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(`data-${name}`)) element.removeAttribute(`data-${name}`);
  } else if (element.getAttribute(`data-${name}`) !== String(value)) {
    element.setAttribute(`data-${name}`, String(value));
  }
}

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** A price that changed: its cell is tinted for 400 ms. */
export function tint(element, up) {
  if (still.matches) return;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(up ? "--up-tint" : "--down-tint");
  element.animate([{ backgroundColor: colour }, { backgroundColor: "transparent" }], { duration: 400, easing: "ease-out" });
}

/** A signal that changed: a ring for 2 s. */
export function ring(element) {
  if (still.matches) return;
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--ring");
  element.animate([{ boxShadow: `0 0 0 3px ${colour}` }, { boxShadow: "0 0 0 3px transparent" }], { duration: 2000, easing: "ease-out" });
}
