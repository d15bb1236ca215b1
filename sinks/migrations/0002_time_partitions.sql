-- The tables that grow with time: hypertables where TimescaleDB is present, else partitioned by month. A month is made
-- ahead by the sink; what falls outside of all months goes to the default partition, so that nothing is ever refused.

create function ensure_month(parent text, moment timestamptz) returns boolean
language plpgsql as $$
declare
    month_start timestamptz := date_trunc('month', moment, 'UTC');
    month_end   timestamptz := (month_start at time zone 'UTC' + interval '1 month') at time zone 'UTC';
    partition   text := parent || to_char(month_start at time zone 'UTC', '_YYYY_MM');
    fallback    text := parent || '_default';
    column_name text;
begin
    if to_regclass(partition) is not null
       or not exists (select from pg_partitioned_table where partrelid = to_regclass(parent)) then
        return false;
    end if;
    -- Readers and writers of other months go on; two who make the same month take turns.
    execute format('lock table only %I in share update exclusive mode', parent);
    if to_regclass(partition) is not null then
        return false;
    end if;
    select attname into strict column_name
      from pg_partitioned_table p
      join pg_attribute a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
     where p.partrelid = to_regclass(parent);
    execute format('create table %I (like %I including all)', partition, parent);
    execute format('lock table %I in access exclusive mode', fallback);
    execute format(
        'with moved as (delete from %I where %I >= $1 and %I < $2 returning *) insert into %I select * from moved',
        fallback, column_name, column_name, partition) using month_start, month_end;
    execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, partition, month_start, month_end);
    return true;
end $$;
comment on function ensure_month is 'Make the partition of `parent` that holds `moment`; true when it was missing.';

-- A declared table, empty as yet, becomes a plain one of the same shape and that a hypertable.
create function to_hypertable(parent text, time_column text) returns void
language plpgsql as $$
declare
    foreign_keys text[];
    definition   text;
begin
    select coalesce(array_agg(pg_get_constraintdef(oid)), '{}') into foreign_keys
      from pg_constraint where conrelid = to_regclass(parent) and contype = 'f';
    execute format('alter table %I rename to %I', parent, parent || '_declared');
    execute format('create table %I (like %I including all)', parent, parent || '_declared');
    execute format('drop table %I', parent || '_declared');
    foreach definition in array foreign_keys loop
        execute format('alter table %I add %s', parent, definition);
    end loop;
    perform create_hypertable(parent::regclass, time_column::name,
                              chunk_time_interval => interval '1 month', create_default_indexes => false);
end $$;

do $$
declare
    grows   record;
    present boolean;
begin
    -- Without its preloaded library the extension ends the connection that creates it, so the library is looked for first.
    begin
        if current_setting('shared_preload_libraries') ~ 'timescaledb' then
            create extension if not exists timescaledb;
        end if;
    exception when others then
        raise notice 'timescaledb not created: %', sqlerrm;
    end;
    select exists (select from pg_extension where extname = 'timescaledb') into present;

    for grows in
        select * from (values ('signal_events', 'event_time'), ('trade_log', 'trade_time'), ('bars', 'start_time')) as t (name, time_column)
    loop
        if present then
            perform to_hypertable(grows.name, grows.time_column);
        else
            execute format('create table %I partition of %I default', grows.name || '_default', grows.name);
            perform ensure_month(grows.name, now());
            perform ensure_month(grows.name, now() + interval '1 month');
        end if;
    end loop;
end $$;
