// The one panel that answers "why": inputs, thresholds, parameter version, what holds a buy back, since when.

import { verdictKind, verdictWords, subjectName } from "./cards.js";
import { h, icon, say, shapeOf } from "./dom.js";
import { change, clock, count, percent, plain, price } from "./format.js";
import { viewOf } from "./model.js";
import { current, has, reason, texts } from "./texts.js";

const KST = "Asia/Seoul";
const NOT_INPUTS = new Set(["state", "is_actionable", "suppressed_by", "message", "thresholds", "missing", "suspect", "stale", "signal", "direction", "key", "pair", "regime", "stop_loss", "trade_date", "latched_at", ...["ticker", "change_pct", "lead", "lead_pct", "follow", "follow_pct", "target", "target_pct"]]);

export function createWhy(model) {
  const dialog = document.getElementById("why");
  const title = document.getElementById("why-title");
  const body = document.getElementById("why-body");
  let shown = null; // { kind: view | event | ticker | gate, … }: drawn again as values come
  document.getElementById("why-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => (shown = null));

  function open(what) {
    shown = what;
    update();
    if (!dialog.open) dialog.showModal();
    body.scrollTop = 0;
  }

  function update() {
    document.getElementById("why-close").setAttribute("aria-label", texts("close"));
    if (shown === null) return;
    const [name, content] = { view: ofView, event: ofEvent, ticker: ofTicker, stops: ofStops }[shown.kind](shown);
    say(title, name);
    body.replaceChildren(...content);
  }

  function ofView({ key }) {
    const [type, subject] = key.split(/:(.*)/);
    const view = viewOf(model, type, subject);
    const name = subjectName(model, type, subject);
    if (!view) return [name, [h("p", { class: "muted" }, texts("state.none"))]];
    return [name, picture(type, view, view.verdict, view.since)];
  }

  function ofEvent({ event }) {
    const before = fact(texts("why.before"), verdictWords(event.signal_type, event.before));
    return [subjectName(model, event.signal_type, event.subject), [...picture(event.signal_type, event, event.after, event.event_time), h("dl", {}, ...before)]];
  }

  function ofStops() {
    const rows = (model.book?.tickers ?? []).map((ticker) => {
      const view = viewOf(model, "stop_loss", ticker.symbol);
      return fact(ticker.symbol, `${percent(view?.data.change_pct)} · ${verdictWords("stop_loss", view?.verdict)}`);
    });
    const line = model.config?.parameters.stop_loss_pct;
    return [texts("stop.title"), [h("dl", {}, ...fact(texts("stop_loss_pct"), line === null ? texts("none") : percent(line))), h("dl", {}, ...rows.flat())]];
  }

  function ofTicker({ symbol }) {
    const quote = model.prices.get(symbol);
    const ticker = model.book?.tickers.find((one) => one.symbol === symbol);
    const named = ticker ? (current() === "ko" ? ticker.name_ko : ticker.name_en) : "";
    const state = quote && quote.state !== "ok" ? texts(`quote.${quote.state}`) : texts("state.ok");
    const facts = [
      fact(texts("why.state"), quote?.reason ? `${state} (${quote.reason})` : state),
      fact(texts("price"), price(quote?.price)),
      fact(texts("change"), change(quote?.change_pct)),
      fact(texts("prevClose"), price(quote?.prev_close)),
      fact(texts("why.open"), price(quote?.open)),
      fact(texts("dayRange"), `${price(quote?.low)} – ${price(quote?.high)}`),
      fact(`${texts("why.bid")} / ${texts("why.ask")}`, `${price(quote?.bid)} / ${price(quote?.ask)}`),
      fact(texts("volume"), count(quote?.volume)),
      fact(texts("why.asOf"), quote?.event_time ? `${both(quote.event_time)}` : "—"),
      fact(texts("why.source"), plain(quote?.source)),
      fact(texts("why.exchange"), plain(ticker?.exchange)),
      fact(texts("why.rules"), ticker?.rules.join(", ") ?? "—"),
    ];
    return [`${symbol} ${named}`, [h("dl", {}, ...facts.flat())]];
  }

  function picture(type, said, verdict, since) {
    const data = said.data;
    const kind = verdictKind(type, verdict);
    const against = verdict?.suppressed_by?.length ? verdict.suppressed_by : (data.suppressed_by ?? []);
    const lacking = [...(data.missing ?? []), ...(data.suspect ?? []), ...(data.stale ?? [])];
    const confirm = model.config?.parameters.confirm_sec;
    const waiting = verdict && data.state !== undefined && (data.state !== verdict.state || data.is_actionable !== verdict.is_actionable);
    const message = current() === "ko" && typeof data.message === "string" ? data.message : "";
    return [
      h("p", { class: "verdict" }, h("span", { class: "badge", "data-kind": kind, "data-dimmed": against.length > 0 || null }, icon(shapeOf(kind)), h("span", { class: "word" }, verdictWords(type, verdict)))),
      message && h("p", {}, message),
      waiting && h("p", { class: "muted" }, texts("pendingNote", plain(confirm))),
      section("why.inputs", [...changes(data), ...Object.entries(data).filter(([key]) => !NOT_INPUTS.has(key)).flatMap(([key, value]) => inputs(key, value))]),
      section("why.thresholds", Object.entries(data.thresholds ?? {}).flatMap(([key, value]) => fact(label(key), plain(value)))),
      h(
        "dl",
        {},
        ...fact(texts("why.against"), against.length ? against.map(reason).join(", ") : texts("why.nothing")),
        ...(lacking.length ? fact(texts("why.missing"), lacking.join(", ")) : []),
        ...fact(texts("why.since"), both(since)),
        ...fact(texts("why.asOf"), both(said.event_time)),
        ...fact(texts("why.version"), plain(said.parameter_version)),
        ...fact(texts("why.position"), plain(said.position)),
      ),
    ].filter(Boolean);
  }

  return { open, update };
}

const PAIRS = [["ticker", "change_pct"], ["lead", "lead_pct"], ["follow", "follow_pct"], ["target", "target_pct"]];

/** The changes that data gives as a symbol here and its percent there. */
const changes = (data) => PAIRS.filter(([symbol]) => typeof data[symbol] === "string").flatMap(([symbol, pct]) => fact(data[symbol], percent(data[pct])));

const fact = (name, value) => [h("dt", {}, name), h("dd", { class: "num" }, value)];
const section = (name, facts) => (facts.length ? h("section", {}, h("h3", {}, texts(name)), h("dl", {}, ...facts)) : null);
const both = (at) => (at ? `${clock(at, KST)} KST · ${clock(at, "America/New_York")} ET` : "—");

function inputs(key, value) {
  if (Array.isArray(value)) {
    return value.flatMap((one) => (one && typeof one === "object" ? fact(String(one.ticker ?? one.symbol ?? key), percent(one.change_pct)) : fact(key, String(one))));
  }
  if (value && typeof value === "object") {
    return Object.entries(value).flatMap(([name, one]) => fact(name, percent(one?.change_pct)));
  }
  if (typeof value === "boolean") return fact(label(key), texts(value ? "yes" : "no"));
  if (typeof value === "number" && key.endsWith("_pct")) return fact(has(key) ? texts(key) : key.slice(0, -4).toUpperCase(), percent(value));
  if (typeof value === "number" && key === "gap") return fact(texts("gap"), `${change(value)} ${texts("points")}`);
  return fact(label(key), has(`${key}.${value}`) ? texts(`${key}.${value}`) : plain(value));
}

const label = (key) => (has(key) ? texts(key) : key.replaceAll("_", " "));
