// Made by `npm run generate` from docs/schemas. Do not edit.

export type AnyRecord =
  | Bar
  | Book
  | DayView
  | DeadLetter
  | End
  | Frame
  | FrameBatch
  | Pair
  | Parameters
  | ParametersChange
  | Quote
  | QuoteState
  | RunKind
  | RunProgress
  | RunStatus
  | Session
  | SessionRecord
  | SignalEvent
  | SignalState
  | SignalView
  | Tick
  | Ticker
  | Verdict;
/**
 * Where a trade date stands. Each span is (start, end]: a frame at the close still belongs to `regular`.
 */
export type Session = "after" | "closed" | "pre" | "regular";
/**
 * What a quote is worth. Only `ok` carries a change that a rule may judge by.
 */
export type QuoteState = "missing" | "ok" | "stale" | "suspect";
/**
 * What a run is for. A sweep is a row that its shards report to; only the others are taken by workers.
 */
export type RunKind = "backtest" | "replay" | "shard" | "sweep";
/**
 * requested → running → finished, failed or cancelled.
 */
export type RunStatus = "cancelled" | "failed" | "finished" | "requested" | "running";
/**
 * Whether a signal can be judged, the stronger reason first.
 */
export type SignalState = "insufficient_data" | "market_closed" | "ok" | "stale" | "suspect";

/**
 * A closed 1-minute bar in event time. The minute is (start, start + 60 s], like sessions.
 */
export interface Bar {
  book: string;
  symbol: string;
  start: string;
  trade_date: string;
  session: Session;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number | null;
  ticks: number;
  position: number;
  v?: 1;
}
/**
 * The registry. Order of `tickers` is the order of every list made from it.
 */
export interface Book {
  name: string;
  calendar: string;
  timezone: string;
  tickers: Ticker[];
  gold: string;
  indices: string[];
  pairs: Pair[];
  triggers: string[];
  target: string;
  defensives: string[];
}
/**
 * One symbol of the book. `exchange` is the broker's three-letter code for quotes; start-up probes it.
 */
export interface Ticker {
  symbol: string;
  name_ko: string;
  name_en: string;
  category: string;
  exchange: "AMS" | "NAS" | "NYS";
  leverage?: number;
  tradable?: boolean;
}
/**
 * Twins: when `follow` lags behind `lead`, it may catch up.
 */
export interface Pair {
  key: string;
  label: string;
  lead: string;
  follow: string;
}
/**
 * Where a book stands: its trade date and what it is judged by. Outlives the retention of ticks.
 */
export interface DayView {
  book: string;
  trade_date: string;
  session: Session;
  opens_at: string;
  closes_at: string;
  opening_offset: number;
  parameters: Parameters;
  version: number;
  event_time: string;
  position: number;
  v?: 1;
}
/**
 * One set. Percentages are in percent, times in market seconds unless the name says minutes.
 */
export interface Parameters {
  /**
   * twin gap without its sign: at or below, the follower is sold
   */
  pair_gap_sell_threshold?: number;
  /**
   * twin gap at or above which a lagging follower may be bought
   */
  pair_gap_entry_threshold?: number;
  /**
   * day change at or below which a ticker is on the stop list; null turns it off
   */
  stop_loss_pct?: number | null;
  /**
   * cap per ticker and day; shown, read by no signal
   */
  max_trade_amount_krw?: number;
  /**
   * least time between two buys of a ticker; shown, read by no signal
   */
  split_buy_interval_min?: number;
  /**
   * time between two full frames
   */
  refresh_interval_sec?: number;
  /**
   * gold above this warns, and at the end of the observation bans buys
   */
  gold_threshold_pct?: number;
  /**
   * each trigger must be above this
   */
  conditional_trigger_pct?: number;
  /**
   * the market is down when both indices are below this
   */
  bearish_index_threshold_pct?: number;
  /**
   * from the open until gold decides the day
   */
  gold_observe_minutes?: number;
  /**
   * simulation only
   */
  alloc_twin?: number;
  /**
   * simulation only
   */
  alloc_cond?: number;
  /**
   * simulation only
   */
  alloc_bear?: number;
  /**
   * simulation only
   */
  initial_capital_usd?: number;
  /**
   * simulation only
   */
  commission_pct?: number;
  /**
   * simulation only
   */
  sec_fee_pct?: number;
  /**
   * simulation only
   */
  fx_spread_pct?: number;
  /**
   * simulation only
   */
  use_fees?: boolean;
  /**
   * regular session: a symbol not seen for longer is stale
   */
  max_quote_age_sec?: number;
  /**
   * the same before the open and after the close
   */
  max_quote_age_extended_sec?: number;
  /**
   * a change must hold this long before its event; stop loss never waits
   */
  confirm_sec?: number;
}
/**
 * One per (topic, partition, offset), whoever reports it first.
 */
export interface DeadLetter {
  topic: string;
  partition: number;
  offset: number;
  reason: string;
  reported_by: string;
  reported_at: string;
  key?: string | null;
  value?: string | null;
  v?: 1;
}
/**
 * The last record of a replay.
 */
export interface End {
  kind: "end";
  book: string;
  v?: 1;
}
/**
 * A consistent cut of one book: what one poll cycle, bar time or instant of a feed brought.
 */
export interface Frame {
  book: string;
  event_time: string;
  ingest_time: string;
  ticks: Tick[];
  snapshot?: boolean;
}
/**
 * The quote of one symbol within a cut. Prices in quote currency per share.
 */
export interface Tick {
  symbol: string;
  state: QuoteState;
  last?: number | null;
  base?: number | null;
  change_pct?: number | null;
  open?: number | null;
  high?: number | null;
  low?: number | null;
  volume?: number | null;
  bid?: number | null;
  ask?: number | null;
  traded_at?: string | null;
  source?: string;
  carried?: boolean;
  reason?: string | null;
}
/**
 * One or many frames, in order of event time. Nothing a rule says may depend on how they are packed.
 */
export interface FrameBatch {
  kind: "frames";
  book: string;
  frames: Frame[];
  v?: 1;
}
/**
 * A new full set of parameters. It counts only where `replaces` is the version in force: the first wins.
 */
export interface ParametersChange {
  kind: "parameters";
  book: string;
  version: number;
  replaces: number;
  parameters: Parameters;
  changed_at: string;
  changed_by?: string;
  request_id?: string;
  v?: 1;
}
/**
 * A tick with its place: what `quotes` keeps per `<book>:<symbol>`.
 */
export interface Quote {
  book: string;
  tick: Tick;
  event_time: string;
  ingest_time: string;
  trade_date: string;
  session: Session;
  position: number;
  v?: 1;
}
/**
 * One step of a run on the topic `runs`, key run_id.
 */
export interface RunProgress {
  run_id: string;
  world: string;
  kind: RunKind;
  status: RunStatus;
  attempt: number;
  progress: number;
  phase: string;
  at: string;
  message?: string;
  v?: 1;
}
/**
 * From here on the book is in `session` of `trade_date`.
 *
 * The first record of a trade date, its opening, carries `registry` and `parameters`: everything that the day
 * is judged by. It resets every rule. A repeat for the same date changes nothing.
 */
export interface SessionRecord {
  kind: "session";
  book: string;
  trade_date: string;
  session: Session;
  at: string;
  opens_at: string;
  closes_at: string;
  registry?: Book | null;
  parameters?: Parameters | null;
  version?: number;
  lanes?: {
    [k: string]: Parameters;
  };
  v?: 1;
}
/**
 * An edge: the verdict on a subject changed at a frame.
 */
export interface SignalEvent {
  event_id: string;
  book: string;
  signal_type: string;
  subject: string;
  event_time: string;
  trade_date: string;
  session: Session;
  before: Verdict | null;
  after: Verdict;
  data: {};
  parameter_version: number;
  position: number;
  ordinal?: number;
  ingest_time?: string | null;
  lane?: string;
  v?: 1;
}
/**
 * What is said of one subject; an edge is any change of it. No floats: ids are the same live and replayed.
 */
export interface Verdict {
  state: SignalState;
  decision: string | null;
  is_actionable?: boolean;
  suppressed_by?: string[];
}
/**
 * The current full picture of one subject, for people and programs that join late.
 */
export interface SignalView {
  book: string;
  signal_type: string;
  subject: string;
  event_time: string;
  trade_date: string;
  session: Session;
  verdict: Verdict | null;
  since: string | null;
  data: {};
  parameter_version: number;
  position: number;
  v?: 1;
}
