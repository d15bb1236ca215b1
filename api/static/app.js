// The page: wires the stream to the model and the model to what is seen.

import { bearishCard, conditionalCard, genericCard, pairCard, stopLossCard, subjectName, verdictKind, verdictWords } from "./cards.js";
import { h, icon, mark, ring, say, shapeOf, tint } from "./dom.js";
import { age, change, clock, direction, percent, price, short, span, DASH } from "./format.js";
import { createModel, feedState, fold, marketNow, viewOf } from "./model.js";
import { connect } from "./stream.js";
import { current, texts, use } from "./texts.js";
import { createWhy } from "./why.js";

const KST = "Asia/Seoul";
const NEW_YORK = "America/New_York";
const KNOWN = new Set(["gold", "twin_pairs", "conditional", "stop_loss", "bearish"]);
const $ = (id) => document.getElementById(id);

const model = createModel();
const why = createWhy(model);
const rows = new Map(); // symbol -> cells
const pulse = new Map();
let cards = [];
let built = ""; // what the cards and rows were built for
let painting = false;
const dirty = { prices: new Set(), views: new Set(), events: [], all: true };

const { connection } = connect(
  (name, data) => {
    const day = model.status?.trade_date;
    const changed = fold(model, name, data);
    for (const symbol of changed.prices) dirty.prices.add(symbol);
    for (const key of changed.views) dirty.views.add(key);
    dirty.events.push(...changed.events);
    if (name === "snapshot" || name === "reset" || name === "config") dirty.all = true;
    if (model.book === null || model.status?.trade_date !== day) loadBook();
    paint();
  },
  () => paint(),
);

let loading = false;
async function loadBook() {
  if (loading) return;
  loading = true;
  try {
    const response = await fetch("/api/config/tickers");
    if (response.ok) {
      model.book = await response.json();
      dirty.all = true;
      paint();
    }
  } catch {
    // the next event asks again
  } finally {
    loading = false;
  }
}

function paint() {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => {
    painting = false;
    build();
    drawPrices();
    drawCards();
    drawEvents();
    drawState();
    why.update();
  });
}

// What is built once per book and catalogue.

function build() {
  if (model.book === null || !model.loaded) return;
  const further = [...model.views.values()].filter((view) => !KNOWN.has(view.signal_type)).map((view) => `${view.signal_type}:${view.subject}`);
  const wanted = JSON.stringify([model.book, model.signals, [...new Set(further)].sort()]);
  if (wanted === built) return;
  built = wanted;
  const { book } = model;
  const open = (key) => why.open(key === "stop_loss:" ? { kind: "stops" } : { kind: "view", key });
  cards = [...book.pairs.map((pair) => pairCard(model, pair, open)), conditionalCard(model, book, open), bearishCard(model, book, open), stopLossCard(model, book, open)];
  for (const key of [...new Set(further)].sort()) {
    const [type, subject] = key.split(/:(.*)/);
    cards.push(genericCard(model, model.signals.find((one) => one.type === type) ?? { type }, subject, open));
  }
  $("cards").replaceChildren(...cards.map((card) => card.element));
  rows.clear();
  $("rows").replaceChildren(...book.tickers.map(row));
  pulse.clear();
  $("pulse").replaceChildren(...[book.gold, ...book.indices].map(pulseItem));
  dirty.all = true;
}

function row(ticker) {
  const cells = {
    name: h("small", { class: "muted" }),
    state: h("span", { class: "state" }),
    price: h("td", { class: "num" }),
    change: h("td", { class: "num" }),
    prev: h("td", { class: "num wide" }),
    range: h("td", { class: "num wide" }),
    volume: h("td", { class: "num wide" }),
    ticker,
    last: null,
  };
  const button = h("button", { type: "button", onclick: () => why.open({ kind: "ticker", symbol: ticker.symbol }) }, h("b", {}, ticker.symbol), cells.name, cells.state);
  cells.row = h("tr", {}, h("th", { scope: "row", class: "left" }, button), cells.price, cells.change, cells.prev, cells.range, cells.volume);
  rows.set(ticker.symbol, cells);
  return cells.row;
}

function pulseItem(symbol) {
  const item = { price: h("span", { class: "num" }), change: h("span", { class: "num" }) };
  item.element = h("li", {}, h("button", { type: "button", onclick: () => why.open({ kind: "ticker", symbol }) }, h("b", {}, symbol), item.price, item.change));
  pulse.set(symbol, item);
  return item.element;
}

// What is drawn as data comes.

function drawPrices() {
  const symbols = dirty.all ? [...rows.keys()] : [...dirty.prices];
  dirty.prices.clear();
  for (const symbol of symbols) {
    const quote = model.prices.get(symbol);
    const cells = rows.get(symbol);
    if (cells) {
      say(cells.name, current() === "ko" ? cells.ticker.name_ko : cells.ticker.name_en);
      say(cells.price, price(quote?.price));
      say(cells.change, change(quote?.change_pct));
      say(cells.prev, price(quote?.prev_close));
      say(cells.range, quote?.low || quote?.high ? `${price(quote.low)} – ${price(quote.high)}` : DASH);
      say(cells.volume, short(quote?.volume));
      mark(cells.change, "dir", direction(quote?.change_pct));
      const state = quote?.state ?? "missing";
      mark(cells.row, "state", state === "ok" ? null : state);
      say(cells.state, state === "ok" ? "" : texts(`quote.${state}`));
      cells.row.title = state === "ok" ? "" : (quote?.reason ?? texts(`quote.${state}`));
      if (typeof quote?.price === "number") {
        if (cells.last !== null && cells.last !== quote.price) {
          tint(cells.price, quote.price > cells.last);
        }
        cells.last = quote.price;
      }
    }
    const item = pulse.get(symbol);
    if (item) {
      say(item.price, price(quote?.price));
      say(item.change, percent(quote?.change_pct));
      mark(item.change, "dir", direction(quote?.change_pct));
    }
  }
}

function drawCards() {
  if (dirty.all || dirty.views.size) for (const card of cards) card.update();
  dirty.views.clear();
  const order = dirty.all || dirty.events.length || cards.length;
  if (order) drawAttention();
}

function drawEvents() {
  const list = $("events");
  if (dirty.all) {
    list.replaceChildren(...model.events.map(eventItem));
  } else {
    for (const event of dirty.events) {
      const item = eventItem(event);
      list.querySelector(".empty")?.remove();
      list.prepend(item);
      ring(item);
      const key = event.signal_type === "stop_loss" ? "stop_loss:" : `${event.signal_type}:${event.subject}`;
      cards.find((card) => card.element.dataset.key === key)?.ring();
      if (event.signal_type === "gold") ring($("banner"));
    }
    while (list.children.length > 100) list.lastElementChild.remove();
  }
  if (!list.children.length && model.loaded) list.append(h("li", { class: "empty muted" }, texts("noEvents")));
  dirty.events = [];
  dirty.all = false;
}

function eventItem(event) {
  const type = event.signal_type;
  const kind = verdictKind(type, event.after);
  const dimmed = (event.after.suppressed_by ?? []).length > 0;
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", onclick: () => why.open({ kind: "event", event }) },
      h("time", { class: "num muted", datetime: event.event_time }, clock(event.event_time, KST)),
      h("span", { class: "subject" }, subjectName(model, type, event.subject)),
      h("span", { class: "badge", "data-kind": kind, "data-dimmed": dimmed || null }, icon(shapeOf(kind)), h("span", { class: "word" }, verdictWords(type, event.after))),
    ),
  );
}

/** What needs the reader now, the most urgent first. It reads verdicts, it judges nothing. */
function drawAttention() {
  const stale = ["stale", "offline", "connecting", "waiting"].includes(feedState(model, connection));
  const found = [];
  const add = (rank, kind, key, word, name, number, pct) => found.push({ rank, kind, key, word, name, number, pct });
  for (const view of model.views.values()) {
    if (!view.verdict?.is_actionable || viewOf(model, view.signal_type, view.subject) !== view) continue;
    const { data, signal_type: type, subject } = view;
    const key = `${type}:${subject}`;
    if (type === "stop_loss") add(data.tradable === false ? 3 : 0, "stop", key, texts("attention.stop"), subject, percent(data.change_pct), data.change_pct);
    else if (type === "twin_pairs") {
      const entry = view.verdict.decision?.startsWith("ENTRY");
      add(entry ? 1 : 4, entry ? "entry" : "sell", key, texts(entry ? "attention.entry" : "attention.sell"), data.follow ?? subject, `${texts("gap")} ${change(data.gap)}`);
    } else if (type === "conditional") add(1, "entry", key, texts("attention.met"), subject, percent(data.target_pct), data.target_pct);
    else if (type === "bearish") add(2, "down", key, texts("attention.regime"), verdictWords(type, view.verdict), "");
    else if (type !== "gold") add(3, "entry", key, texts("attention.other"), subject, verdictWords(type, view.verdict));
  }
  found.sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name));
  const shown = found.slice(0, 8);
  const now = JSON.stringify([current(), stale, model.loaded, shown, found.length]);
  const section = $("attention");
  if (section.dataset.shown === now) return;
  section.dataset.shown = now;
  mark(section, "calm", found.length === 0);
  mark(section, "stale", stale);
  section.replaceChildren(
    h("h2", {}, found.length && !stale ? texts("attention") : !model.loaded ? "" : texts(stale ? "calmStale" : "calm")),
    h(
      "ul",
      {},
      ...(stale ? [] : shown).map((one) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "chip", "data-kind": one.kind, onclick: () => why.open({ kind: "view", key: one.key }) },
            icon(shapeOf(one.kind)),
            h("span", { class: "word" }, one.word),
            h("b", {}, one.name),
            one.number && h("span", { class: "num", "data-dir": direction(one.pct) }, one.number),
          ),
        ),
      ),
      !stale && found.length > shown.length && h("li", { class: "muted" }, texts("attention.more", found.length - shown.length)),
    ),
  );
}

// State, clocks and the banner: drawn with each event and each second.

function drawState() {
  const state = feedState(model, connection);
  document.documentElement.dataset.feed = state;
  const heard = model.heardAt === null ? null : performance.now() - model.heardAt;
  const shownAge = age(heard, texts);
  say($("feed").querySelector("span"), texts(`feed.${state}`, shownAge));
  mark($("feed"), "state", state);
  $("demo").hidden = !model.status?.demo;
  $("demo").title = texts("demoLabel");
  const now = marketNow(model);
  say($("clock-kst"), clock(now, KST));
  say($("clock-et"), clock(now, NEW_YORK));
  drawSession(now);
  drawBanner(state, now, shownAge);
  if (model.status) {
    const total = model.status.symbols_ok + model.status.symbols_missing.length;
    say($("coverage"), `${model.status.symbols_ok}/${total}`);
    $("coverage").title = model.status.symbols_missing.join(", ");
    say($("meta"), texts("meta", model.status.parameter_version ?? DASH, model.status.namespace));
  }
}

/** The end of the gold observation in milliseconds. */
function observedUntil() {
  const minutes = model.config?.parameters.gold_observe_minutes ?? 30;
  return model.status?.opens_at ? Date.parse(model.status.opens_at) + minutes * 60_000 : null;
}

function drawSession(now) {
  const status = model.status;
  if (!status?.session) return say($("session"), "");
  let more = "";
  const until = observedUntil();
  if (now !== null && status.session === "pre") more = texts("untilOpen", span(Date.parse(status.opens_at) - now));
  if (now !== null && status.session === "regular") {
    more = until !== null && now < until ? texts("untilBuy", span(until - now)) : texts("untilClose", span(Date.parse(status.closes_at) - now));
  }
  say($("session"), more ? `${texts(`session.${status.session}`)} · ${more}` : texts(`session.${status.session}`));
}

function drawBanner(state, now, shownAge) {
  const [kind, title, detail] = verdictOfDay(state, now, shownAge);
  const banner = $("banner");
  mark(banner, "kind", kind);
  if (!banner.firstChild) {
    banner.append(
      h("span", { class: "sign" }),
      h("div", { class: "said" }, h("h2"), h("p")),
      h("button", { type: "button", class: "why-button", onclick: () => why.open({ kind: "view", key: `gold:${model.book?.gold ?? "GLD"}` }) }),
    );
  }
  const [sign, said, button] = banner.children;
  const shape = { ban: "ban", allowed: "ok", wait: "wait", loading: "wait", offline: "alert" }[kind] ?? "unknown";
  if (sign.dataset.shape !== shape) {
    sign.dataset.shape = shape;
    sign.replaceChildren(icon(shape));
  }
  say(said.children[0], title);
  say(said.children[1], detail);
  say(button, texts("why"));
  button.setAttribute("aria-label", texts("whyOf", texts("gold.title")));
}

/** May I buy today: the gate's view in words, or why it cannot be told. */
function verdictOfDay(state, now, shownAge) {
  const at = model.asOf === null ? DASH : `${clock(model.asOf, KST)} KST`;
  if (state === "connecting") return ["loading", texts("banner.loading"), ""];
  if (state === "offline" && connection.state !== "open") {
    const left = connection.retryAt === null ? null : Math.ceil((connection.retryAt - performance.now()) / 1000);
    return ["offline", texts("banner.offline"), texts("banner.offline.detail", at, left !== null && left > 0 ? texts("banner.retry", left) : texts("banner.retrying"))];
  }
  if (state === "offline") return ["offline", texts("banner.feedOffline"), texts("banner.feedOffline.detail", at)];
  if (state === "stale") return ["offline", texts("banner.stale"), texts("banner.stale.detail", shownAge, at)];
  if (state === "waiting") return ["unknown", texts("banner.waiting"), texts("banner.waiting.detail")];
  if (state === "closed") return ["closed", texts("banner.closed"), texts("banner.closed.detail")];
  const symbol = model.book?.gold ?? "GLD";
  const gold = viewOf(model, "gold", symbol);
  const gate = viewOf(model, "gold", "gate")?.data;
  if (!gold || !gate) return ["unknown", texts("banner.unknown"), texts("banner.unknown.detail", symbol)];
  const pct = percent(gold.data.change_pct);
  const against = gate.reasons ?? [];
  if (gate.day_ban) return ["ban", texts("banner.ban"), texts("banner.ban.detail", symbol, pct)];
  if (against.includes("session")) {
    const session = model.status?.session;
    if (session === "pre") return ["wait", texts("banner.pre"), texts("banner.pre.detail", symbol, pct, model.config?.parameters.gold_observe_minutes ?? 30)];
    if (session === "regular") {
      const until = observedUntil();
      const title = texts(gold.data.warning ? "banner.observing.up" : "banner.observing");
      return ["wait", title, texts("banner.observing.detail", symbol, pct, until === null ? DASH : clock(until, NEW_YORK).slice(0, 5))];
    }
    return ["closed", texts("banner.after"), texts("banner.after.detail")];
  }
  if (gold.verdict?.state && gold.verdict.state !== "ok" && gate.day_ban === null) return ["unknown", texts("banner.unknown"), texts("banner.unknown.detail", symbol)];
  if (against.includes("R5")) return ["wait", texts("banner.down"), texts("banner.down.detail", symbol, pct)];
  if (against.length) return ["unknown", texts("banner.data"), texts("banner.data.detail", symbol, pct)];
  return ["allowed", texts("banner.allowed"), texts(gold.data.warning ? "banner.allowed.up" : "banner.allowed.detail", symbol, pct)];
}

// Language and theme.

function label() {
  for (const element of document.querySelectorAll("[data-text]")) say(element, texts(element.dataset.text));
  say($("language"), texts("language"));
  $("language").setAttribute("aria-label", texts("languageLabel"));
  $("theme").setAttribute("aria-label", texts("themeLabel"));
  say($("zone"), texts("zone"));
  document.documentElement.lang = current();
  dirty.all = true;
  paint();
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function themed(choice) {
  document.documentElement.dataset.theme = choice ?? (dark.matches ? "dark" : "light");
}

function keptTheme() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null;
  }
}

themed(keptTheme());
dark.addEventListener("change", () => themed(keptTheme()));
$("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", next);
  } catch {
    // it lasts as long as the page then
  }
  themed(next);
});
$("language").addEventListener("click", () => {
  use(current() === "ko" ? "en" : "ko");
  label();
});

label();
loadBook();
setInterval(() => {
  drawState();
  drawAttention();
}, 250);
