-- History: files of closes alone, and what is known of each day, the days without a single bar included.

alter table daily_ohlcv alter column open drop not null;
alter table daily_ohlcv alter column high drop not null;
alter table daily_ohlcv alter column low drop not null;
comment on column daily_ohlcv.open is 'null, like high and low, where a file told the close alone';

create table bar_days (
    world      text        not null,
    interval   text        not null,
    symbol     text        not null,
    trade_date date        not null,
    source     text        not null,
    bars       integer     not null check (bars >= 0),
    columns    bytea,
    fetched_at timestamptz not null default now(),
    primary key (world, interval, symbol, trade_date)
);
comment on table bar_days is 'A day of history that need not be fetched again.';
comment on column bar_days.bars is 'how many it has; 0: there are none to be had (not listed yet, or it did not trade)';
comment on column bar_days.columns is 'the day''s rows of bars again, as read by replays: starts in s, open, high, low, close, volume (-1: not told), each 8 bytes a bar, big endian; null for 1d';

create index bar_days_by_date on bar_days (world, interval, trade_date);

create table splits (
    world      text        not null,
    symbol     text        not null,
    split_date date        not null,
    ratio      numeric     not null check (ratio > 0),
    applied_at timestamptz not null default now(),
    primary key (world, symbol, split_date)
);
comment on table splits is 'Splits that older bars of a vendor were put on the new basis for. ratio: new shares for one old.';
