-- The archive, the store of reviews and the queue of runs. Prices are numeric, times timestamptz (UTC), dates trade dates.
-- `world` is demo or live, `namespace` a world or replay.<run_id>: rows of two worlds share nothing.

create table signal_types (
    signal_type   text primary key,
    first_seen_at timestamptz not null default now()
);
comment on table signal_types is 'Filled by the sink as types come: a plug-in needs no migration.';

create table signal_events (
    namespace     text        not null,
    lane          text        not null default '',
    event_id      text        not null,
    event_time    timestamptz not null,
    book          text        not null,
    signal_type   text        not null references signal_types (signal_type),
    subject       text        not null,
    trade_date    date        not null,
    session       text        not null,
    state         text        not null,
    decision      text,
    is_actionable boolean     not null,
    signal_data   jsonb       not null,
    param_version integer     not null,
    position      bigint      not null,
    ordinal       integer     not null default 0,
    ingest_time   timestamptz,
    ingested_at   timestamptz not null default now(),
    primary key (namespace, lane, event_id, event_time)
) partition by range (event_time);
comment on column signal_events.lane is 'parameter set of a sweep, empty outside sweeps';
comment on column signal_events.signal_data is '{before, after: {state, decision, is_actionable, suppressed_by}, data, param_version}';
comment on column signal_events.position is 'offset on <namespace>.ticks of the record that fired it';
comment on column signal_events.ordinal is 'among the events of one frame and subject';
comment on column signal_events.ingest_time is 'when the producer had read the frame; ingested_at is when the row was written';

create index signal_events_by_time on signal_events (namespace, event_time desc);
create index signal_events_by_type on signal_events (namespace, signal_type, event_time desc);
create index signal_events_actionable on signal_events (namespace, event_time desc) where is_actionable;

create table trade_log (
    namespace      text          not null,
    lane           text          not null default '',
    trade_id       text          not null,
    trade_time     timestamptz   not null,
    symbol         text          not null,
    action         text          not null check (action in ('BUY', 'SELL')),
    price          numeric(18,6) not null check (price > 0),
    quantity       numeric(20,8) not null check (quantity > 0),
    amount_usd     numeric(18,4),
    fx_rate        numeric(12,4),
    amount_krw     numeric(18,0),
    fee_usd        numeric(18,4),
    pnl_usd        numeric(18,4),
    reason         text,
    entry_event_id text,
    source         text          not null check (source in ('sim', 'manual')),
    primary key (namespace, lane, trade_id, trade_time)
) partition by range (trade_time);
comment on column trade_log.trade_id is 'natural key within the namespace and lane: storing a trade twice changes nothing';

create index trade_log_by_symbol on trade_log (symbol, trade_time desc);
create index trade_log_by_time on trade_log (namespace, trade_time);

create table bars (
    world      text          not null,
    source     text          not null,
    book       text          not null default '',
    symbol     text          not null,
    interval   text          not null,
    start_time timestamptz   not null,
    trade_date date          not null,
    session    text          not null,
    open       numeric(18,6) not null check (open > 0),
    high       numeric(18,6) not null,
    low        numeric(18,6) not null check (low > 0),
    close      numeric(18,6) not null check (close > 0),
    volume     bigint        check (volume >= 0),
    ticks      integer,
    position   bigint,
    fetched_at timestamptz   not null default now(),
    primary key (world, source, book, symbol, interval, start_time),
    check (high >= greatest(open, close) and low <= least(open, close))
) partition by range (start_time);
comment on column bars.source is 'line: folded from our own quotes; else the vendor, whose bars belong to no book';
comment on column bars.interval is '1m, 5m, 1d';
comment on column bars.volume is 'shares in the bar; null where the feed told none';
comment on column bars.ticks is 'quotes folded in; null for a vendor''s bar';

create index bars_by_symbol on bars (world, symbol, interval, start_time desc);

create table daily_ohlcv (
    world       text          not null,
    source      text          not null,
    book        text          not null default '',
    symbol      text          not null,
    trade_date  date          not null,
    adjusted    boolean       not null default false,
    open        numeric(18,6) not null check (open > 0),
    high        numeric(18,6) not null,
    low         numeric(18,6) not null check (low > 0),
    close       numeric(18,6) not null check (close > 0),
    volume      bigint        check (volume >= 0),
    provisional boolean       not null default true,
    as_of       timestamptz,
    fetched_at  timestamptz   not null default now(),
    primary key (world, source, book, symbol, trade_date, adjusted),
    check (high >= greatest(open, close) and low <= least(open, close))
);
comment on column daily_ohlcv.source is 'line: folded from our own quotes of the regular session; else the vendor';
comment on column daily_ohlcv.provisional is 'true until the regular session has ended';
comment on column daily_ohlcv.as_of is 'event time of the newest quote folded in';

create index daily_ohlcv_by_date on daily_ohlcv (world, trade_date);

create table parameter_sets (
    world      text        not null,
    book       text        not null,
    version    integer     not null,
    json       jsonb       not null,
    changed_by text        not null default '',
    changed_at timestamptz not null,
    position   bigint      not null,
    primary key (world, book, version)
);
comment on column parameter_sets.changed_at is 'wall clock';
comment on column parameter_sets.position is 'offset on <world>.ticks from which it counts';

create table trade_days (
    world          text        not null,
    book           text        not null,
    trade_date     date        not null,
    session        text        not null,
    opens_at       timestamptz not null,
    closes_at      timestamptz not null,
    opened_at      timestamptz not null,
    partition      integer     not null,
    opening_offset bigint      not null,
    closing_offset bigint,
    position       bigint      not null,
    appended_at    timestamptz not null,
    param_version  integer     not null,
    archive        text        not null default 'open' check (archive in ('open', 'due', 'written', 'lost')),
    archived_at    timestamptz,
    archive_rows   bigint,
    primary key (world, book, trade_date)
);
comment on table trade_days is 'What the log says of each trade date, and how far the sink has folded it.';
comment on column trade_days.opened_at is 'market time of the opening record';
comment on column trade_days.closing_offset is 'of the last record that belongs to the day: the frame after closed; null while it runs';
comment on column trade_days.position is 'offset on ticks of the last record folded, appended_at its append time';
comment on column trade_days.archive is 'open: the day runs; due: to be written; lost: the log no longer holds it';

create table dead_letters (
    namespace     text        not null,
    topic         text        not null,
    partition     integer     not null,
    record_offset bigint      not null,
    reason        text        not null,
    reported_by   text        not null,
    reported_at   timestamptz not null,
    key           bytea,
    value         bytea,
    position      bigint      not null,
    reinjected_at timestamptz,
    ingested_at   timestamptz not null default now(),
    primary key (namespace, topic, partition, record_offset)
);
comment on column dead_letters.position is 'offset on <namespace>.dead-letters of the first report';

create index dead_letters_by_time on dead_letters (namespace, reported_at desc);

create table runs (
    world        text        not null,
    run_id       text        not null,
    kind         text        not null,
    status       text        not null default 'queued'
                 check (status in ('queued', 'running', 'finished', 'failed', 'cancelled')),
    request      jsonb       not null,
    progress     real        not null default 0 check (progress between 0 and 1),
    attempt      integer     not null default 0,
    worker       text,
    leased_until timestamptz,
    summary      jsonb,
    error        text,
    created_at   timestamptz not null default now(),
    started_at   timestamptz,
    finished_at  timestamptz,
    primary key (world, run_id)
);
comment on column runs.attempt is 'counted up by each worker that claims it; only the newest may finish it';

create index runs_waiting on runs (world, created_at) where status in ('queued', 'running');
create index runs_by_time on runs (world, created_at desc);

create table review_sessions (
    id           bigint      generated always as identity primary key,
    world        text        not null,
    book         text        not null default 'us',
    session_date date        not null,
    notes        text        not null default '',
    status       text        not null default 'created' check (status in ('created', 'running', 'done', 'failed')),
    data_quality text,
    params_json  jsonb,
    error        text,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now()
);
create index review_sessions_by_date on review_sessions (world, session_date desc, id desc);

create table review_snapshots (
    id            bigint      generated always as identity primary key,
    session_id    bigint      not null references review_sessions (id) on delete cascade,
    snapshot_time timestamptz not null,
    tickers_json  jsonb       not null,
    signals_json  jsonb       not null,
    unique (session_id, snapshot_time)
);
