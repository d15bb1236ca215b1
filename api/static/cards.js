// The cards: one verdict each, then the number that decided it, then the picture, then why.

import { h, icon, mark, ring, say, shapeOf } from "./dom.js";
import { change, direction, percent, plain } from "./format.js";
import { viewOf } from "./model.js";
import { current, has, reason, texts } from "./texts.js";

const WARNING = { insufficient_data: "unknown", suspect: "unknown", stale: "unknown", market_closed: "wait" };

/** The frame that all cards share. `key` is `<signal_type>:<subject>`, `title` a function of the language. */
function frame(key, title, onWhy) {
  const heading = h("h3");
  const word = h("span", { class: "word" });
  const badge = h("span", { class: "badge" });
  const number = h("p", { class: "number num" });
  const picture = h("div", { class: "picture" });
  const note = h("p", { class: "note" });
  const held = h("p", { class: "held" });
  const button = h("button", { class: "why-button", type: "button", onclick: () => onWhy(key) });
  const element = h(
    "article",
    { class: "card", "data-key": key },
    h("header", {}, heading, badge),
    h("div", { class: "body" }, number, picture),
    h("footer", {}, h("div", {}, note, held), button),
  );
  let drawn = "";
  return {
    element,
    number,
    picture,
    note,
    held,
    ring: () => ring(element),
    /** Show the verdict: `kind` gives the hue and the icon. */
    verdict(kind, text, { dimmed = false, pending = false } = {}) {
      say(heading, title());
      say(button, texts("why"));
      button.setAttribute("aria-label", texts("whyOf", title()));
      mark(badge, "kind", kind);
      mark(badge, "dimmed", dimmed);
      mark(element, "kind", dimmed ? null : kind);
      say(word, pending ? `${text} · ${texts("pending")}` : text);
      const shape = shapeOf(kind);
      if (drawn !== shape) {
        badge.replaceChildren(icon(shape), word);
        drawn = shape;
      }
    },
  };
}

/** What a verdict that is not ok shows on every card alike. */
function unjudged(card, view, lacking) {
  const state = view?.verdict?.state ?? view?.data?.state ?? "none";
  const kind = view ? (WARNING[state] ?? "unknown") : "unknown";
  card.verdict(kind, texts(`state.${has(`state.${state}`) ? state : "none"}`));
  say(card.note, lacking.length ? `${texts("why.missing")}: ${lacking.join(", ")}` : "");
  say(card.held, "");
}

const lackingOf = (view) => [...(view?.data.missing ?? []), ...(view?.data.suspect ?? []), ...(view?.data.stale ?? [])];
const isOk = (view) => view?.verdict?.state === "ok";
const isPending = (view) => Boolean(view?.verdict) && (view.data.is_actionable !== view.verdict.is_actionable || view.data.state !== view.verdict.state);
const heldBy = (codes) => (codes.length ? texts("held", codes.map(reason).join(", ")) : "");

function quoteLine(role) {
  const name = h("b");
  const part = h("span", { class: "muted role" });
  const value = h("span", { class: "num" });
  return {
    element: h("div", { class: "quote" }, h("span", {}, name, " ", part), value),
    show(symbol, pct) {
      say(name, symbol);
      say(part, role ? texts(role) : "");
      say(value, percent(pct));
      mark(value, "dir", direction(pct));
    },
  };
}

/** The gap on a scale: the sell band around zero, the entry marks, and where it stands now. */
function gauge() {
  const band = h("i", { class: "band" });
  const low = h("i", { class: "entry-mark" });
  const high = h("i", { class: "entry-mark" });
  const dot = h("i", { class: "dot" });
  const element = h("div", { class: "gauge", "aria-hidden": "true" }, h("i", { class: "zero" }), band, low, high, dot);
  const at = (value, reach) => `${50 + (50 * Math.max(-1, Math.min(1, value / reach)))}%`;
  return {
    element,
    show(gap, sell, entry) {
      const reach = Math.max(2 * (entry ?? 1.5), 0.1);
      band.style.left = at(-(sell ?? 0), reach);
      band.style.right = `calc(100% - ${at(sell ?? 0, reach)})`;
      low.style.left = at(-(entry ?? reach), reach);
      high.style.left = at(entry ?? reach, reach);
      dot.hidden = typeof gap !== "number";
      if (!dot.hidden) dot.style.left = at(gap, reach);
    },
  };
}

export function pairCard(model, pair, onWhy) {
  const title = () => (current() === "ko" ? pair.label : `${pair.lead} → ${pair.follow}`);
  const card = frame(`twin_pairs:${pair.key}`, title, onWhy);
  const [lead, follow, scale] = [quoteLine("lead"), quoteLine("follow"), gauge()];
  card.picture.append(scale.element, lead.element, follow.element);
  return {
    ...card,
    update() {
      const view = viewOf(model, "twin_pairs", pair.key);
      const data = view?.data ?? {};
      const bounds = data.thresholds ?? {};
      const [sell, entry] = [bounds.pair_gap_sell_threshold, bounds.pair_gap_entry_threshold];
      say(card.number, `${texts("gap")} ${change(data.gap)}`);
      scale.show(data.gap, sell, entry);
      lead.show(pair.lead, data.lead_pct ?? model.prices.get(pair.lead)?.change_pct);
      follow.show(pair.follow, data.follow_pct ?? model.prices.get(pair.follow)?.change_pct);
      if (!isOk(view)) return unjudged(card, view, lackingOf(view));
      const [signal, side] = view.verdict.decision.split(":");
      const ahead = signal === "ENTRY" && side === "follow_leads";
      const against = view.verdict.suppressed_by ?? [];
      const kind = ahead ? "hold" : { ENTRY: "entry", SELL: "sell", HOLD: "hold" }[signal];
      card.verdict(kind, texts(ahead ? "pair.ENTRY.lead" : `pair.${signal}`), { dimmed: against.length > 0, pending: isPending(view) });
      const notes = {
        ENTRY: () => texts(ahead ? "pair.note.ENTRY.lead" : "pair.note.ENTRY", pair.follow),
        SELL: () => texts("pair.note.SELL", pair.follow),
        HOLD: () => texts("pair.note.HOLD", change(entry), plain(sell)),
      };
      say(card.note, notes[signal]?.() ?? "");
      say(card.held, heldBy(against));
    },
  };
}

export function conditionalCard(model, book, onWhy) {
  const { triggers, target } = book.conditional;
  const card = frame(`conditional:${target}`, () => `${texts("cond.title")} ${target}`, onWhy);
  const lights = new Map(triggers.map((symbol) => [symbol, quoteLine("")]));
  const list = h("div", { class: "lights" });
  for (const light of lights.values()) list.append(light.element);
  card.picture.append(list);
  return {
    ...card,
    update() {
      const view = viewOf(model, "conditional", target);
      const data = view?.data ?? {};
      let up = 0;
      for (const [symbol, light] of lights) {
        const trigger = data.triggers?.[symbol];
        light.show(symbol, trigger?.change_pct);
        mark(light.element, "on", trigger ? (trigger.positive === null ? null : trigger.positive) : null);
        up += trigger?.positive === true ? 1 : 0;
      }
      say(card.number, `${target} ${percent(data.target_pct)}`);
      if (!isOk(view)) return unjudged(card, view, lackingOf(view));
      const met = view.verdict.decision === "met";
      const against = view.verdict.suppressed_by ?? [];
      const word = texts(`cond.${met ? "met" : "unmet"}`);
      card.verdict(met ? "entry" : "hold", `${word} ${texts("cond.count", up, triggers.length)}`, { dimmed: met && against.length > 0, pending: isPending(view) });
      const flat = triggers.filter((symbol) => data.triggers?.[symbol]?.positive !== true);
      say(card.note, met ? texts("cond.note.met", target) : texts("cond.note.unmet", flat.join(", ")));
      say(card.held, heldBy(met ? against : []));
    },
  };
}

export function bearishCard(model, book, onWhy) {
  const card = frame("bearish:MARKET", () => texts("bear.title"), onWhy);
  const picks = new Map(book.bearish.map((symbol) => [symbol, quoteLine("")]));
  for (const pick of picks.values()) card.picture.append(pick.element);
  return {
    ...card,
    update() {
      const view = viewOf(model, "bearish", "MARKET");
      const data = view?.data ?? {};
      say(card.number, book.indices.map((symbol) => `${symbol} ${percent(data[`${symbol.toLowerCase()}_pct`])}`).join("  "));
      for (const [symbol, line] of picks) {
        line.show(symbol, data.bearish_picks?.find((pick) => pick.ticker === symbol)?.change_pct);
      }
      if (!isOk(view)) return unjudged(card, view, lackingOf(view));
      const regime = view.verdict.decision;
      const down = regime !== "normal";
      const against = data.suppressed_by ?? [];
      card.verdict(down ? "down" : "ok", texts(`bear.${regime}`), { dimmed: down && against.length > 0, pending: isPending(view) });
      say(card.note, texts(`bear.note.${regime}`));
      say(card.held, heldBy(down ? against : []));
    },
  };
}

export function stopLossCard(model, book, onWhy) {
  const card = frame("stop_loss:", () => texts("stop.title"), onWhy);
  const list = h("ul", { class: "stops" });
  card.picture.append(list);
  let shown = "";
  return {
    ...card,
    update() {
      const views = book.tickers.map((ticker) => [ticker, viewOf(model, "stop_loss", ticker.symbol)]);
      const alerts = views.filter(([, view]) => view?.verdict?.decision === "alert");
      const blind = views.filter(([, view]) => !isOk(view)).map(([ticker]) => ticker.symbol);
      const line = views.find(([, view]) => view)?.[1]?.data.thresholds?.stop_loss_pct ?? model.config?.parameters.stop_loss_pct;
      const now = JSON.stringify([current(), alerts.map(([ticker, view]) => [ticker.symbol, view.data.change_pct])]);
      if (now !== shown) {
        shown = now;
        list.replaceChildren(
          ...alerts.map(([ticker, view]) =>
            h(
              "li",
              { class: "quote" },
              h("span", {}, h("b", {}, ticker.symbol), " ", h("span", { class: "muted role" }, ticker.tradable ? "" : texts("stop.watched"))),
              h("span", { class: "num", "data-dir": direction(view.data.change_pct) }, percent(view.data.change_pct)),
            ),
          ),
        );
      }
      say(card.number, line === null ? texts("stop.off") : texts("stop.note", percent(line)));
      const closed = views.some(([, view]) => view?.verdict?.state === "market_closed");
      if (closed || blind.length === views.length) {
        unjudged(card, views.find(([, view]) => view)?.[1] ?? null, []);
        return;
      }
      if (alerts.length) card.verdict("stop", texts("stop.count", alerts.length));
      else card.verdict("ok", texts("stop.none"));
      say(card.note, blind.length ? texts("stop.unmonitored", blind.length, blind.join(", ")) : "");
      say(card.held, "");
    },
  };
}

/** A signal of the catalogue that has no card of its own: its verdict and its numbers, per subject. */
export function genericCard(model, signal, subject, onWhy) {
  const name = () => `${(current() === "ko" ? signal.title_ko : signal.title_en) || signal.type} · ${subject}`;
  const card = frame(`${signal.type}:${subject}`, name, onWhy);
  const list = h("dl", { class: "facts" });
  card.picture.append(list);
  return {
    ...card,
    update() {
      const view = viewOf(model, signal.type, subject);
      const data = view?.data ?? {};
      const numbers = Object.entries(data).filter(([, value]) => typeof value === "number" || typeof value === "boolean");
      list.replaceChildren(
        ...numbers.slice(0, 5).flatMap(([key, value]) => [h("dt", {}, key.replaceAll("_", " ")), h("dd", { class: "num" }, plain(value))]),
      );
      say(card.number, "");
      if (!isOk(view)) return unjudged(card, view, lackingOf(view));
      const against = view.verdict.suppressed_by ?? [];
      card.verdict(view.verdict.is_actionable ? "entry" : "hold", view.verdict.decision.replaceAll(/[_:]/g, " "), { dimmed: against.length > 0 });
      say(card.note, typeof data.message === "string" ? data.message : "");
      say(card.held, heldBy(against));
    },
  };
}

/** The verdict of an event or a view in words, for the log and the details. */
export function verdictWords(type, verdict) {
  if (!verdict) return texts("state.none");
  if (verdict.state !== "ok") return texts(has(`state.${verdict.state}`) ? `state.${verdict.state}` : "state.none");
  const decision = verdict.decision ?? "";
  if (type === "twin_pairs") {
    const [signal, side] = decision.split(":");
    return texts(signal === "ENTRY" && side === "follow_leads" ? "pair.ENTRY.lead" : `pair.${signal}`);
  }
  if (type === "conditional") return texts(`cond.${decision}`);
  if (type === "bearish") return texts(`bear.${decision}`);
  if (type === "stop_loss") return texts(decision === "alert" ? "attention.stop" : "state.ok");
  if (type === "gold") {
    const [now, day] = decision.split(":");
    return now === "warning" && day !== "banned" ? `${texts("gold.warning")}, ${texts(`gold.${day}`)}` : texts(`gold.${day}`);
  }
  return decision.replaceAll(/[_:]/g, " ");
}

/** The hue of a verdict, the same in the log as on the cards. */
export function verdictKind(type, verdict) {
  if (!verdict || verdict.state !== "ok") return "unknown";
  const decision = verdict.decision ?? "";
  if (type === "stop_loss") return decision === "alert" ? "stop" : "ok";
  if (type === "gold") return decision.endsWith("banned") ? "ban" : decision.startsWith("warning") ? "wait" : "ok";
  if (decision.startsWith("SELL")) return "sell";
  if (decision === "ENTRY:follow_leads") return "hold";
  if (decision.startsWith("down")) return "down";
  if (decision.startsWith("ENTRY") || decision === "met") return "entry";
  return decision === "normal" ? "ok" : verdict.is_actionable ? "entry" : "hold";
}

/** What a subject is called. */
export function subjectName(model, type, subject) {
  if (type === "twin_pairs") {
    const pair = model.book?.pairs.find((one) => one.key === subject);
    return pair ? `${pair.lead} → ${pair.follow}` : subject;
  }
  return type === "bearish" ? texts("bear.title") : subject;
}

