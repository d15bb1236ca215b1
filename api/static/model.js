// What the page knows: a fold of the stream's events. Rules are never judged here, verdicts come from the views.

const KEEP = 100;

export function createModel() {
  return {
    status: null,
    statusAt: 0, // performance.now() at which it came
    config: null,
    prices: new Map(),
    views: new Map(), // by "<signal_type>:<subject>"
    events: [], // newest first
    seen: new Set(),
    signals: [], // the catalogue
    book: null, // of /api/config/tickers
    loaded: false,
    heardAt: null, // performance.now() at which the newest frame was read; no clock of ours is compared with theirs
    asOf: null, // market time of the newest tick
  };
}

/** Fold in one event; returns what changed: { prices: [symbols], views: [keys], events: [new ones] }. */
export function fold(model, name, data) {
  const changed = { prices: [], views: [], events: [] };
  if (name === "snapshot" || name === "reset") {
    model.prices.clear();
    model.views.clear();
    model.events = [];
    model.seen.clear();
  }
  if (name === "snapshot") {
    takeStatus(model, data.status);
    model.config = data.config;
    model.signals = data.signals;
    takePrices(model, data.prices.tickers, changed);
    takeViews(model, data.views, changed);
    for (const event of data.events) takeEvent(model, event);
    model.loaded = true;
  } else if (name === "tick") {
    takePrices(model, data.tickers, changed);
  } else if (name === "view") {
    takeViews(model, data.views, changed);
  } else if (name === "signal") {
    if (takeEvent(model, data)) changed.events.push(data);
  } else if (name === "config") {
    model.config = data;
  } else if (name === "status") {
    takeStatus(model, data);
  }
  return changed;
}

function takeStatus(model, status) {
  model.status = status;
  model.statusAt = performance.now();
  if (status.age_ms !== null) model.heardAt = Math.max(model.heardAt ?? -Infinity, model.statusAt - status.age_ms);
}

function takePrices(model, tickers, changed) {
  for (const [symbol, price] of Object.entries(tickers)) {
    model.prices.set(symbol, price);
    changed.prices.push(symbol);
    if (price.age_ms !== null) model.heardAt = Math.max(model.heardAt ?? -Infinity, performance.now() - price.age_ms);
    if (price.event_time !== null && (model.asOf === null || price.event_time > model.asOf)) model.asOf = price.event_time;
  }
}

function takeViews(model, views, changed) {
  for (const view of views) {
    const key = `${view.signal_type}:${view.subject}`;
    model.views.set(key, view);
    changed.views.push(key);
  }
}

/** Whether the event is news: a repeat, possible after a resume, is not, nor is a day's first "nothing to do". */
function takeEvent(model, event) {
  if (model.seen.has(event.event_id)) return false;
  model.seen.add(event.event_id);
  if (event.before === null && !event.is_actionable && event.after.suppressed_by.length === 0) return false;
  model.events.unshift(event);
  for (const gone of model.events.splice(KEEP)) model.seen.delete(gone.event_id);
  return true;
}

/** The view of a subject, if it is of today. */
export function viewOf(model, type, subject) {
  const view = model.views.get(`${type}:${subject}`);
  return view && (!model.status?.trade_date || view.trade_date === model.status.trade_date) ? view : null;
}

/** Now on the market's clock, in milliseconds; null while unknown. */
export function marketNow(model) {
  const at = model.status?.market_time;
  if (!at) return null;
  const still = model.status.feed === "stale" || model.status.feed === "offline";
  const elapsed = model.status.demo && still ? 0 : performance.now() - model.statusAt;
  return Date.parse(at) + elapsed * (model.status.market_speed ?? 1);
}

/** How fresh what we show is: connecting, live, stale, closed, waiting or offline. */
export function feedState(model, connection) {
  if (!model.loaded && connection.state === "connecting") return "connecting";
  if (connection.state !== "open") return "offline";
  if (performance.now() - connection.heardAt > 5000) return "stale";
  if (!model.status) return "connecting";
  return model.status.feed;
}
