-- A review session stands where its newest replay stands, whoever moves that; snapshots of a replay without a session.

alter table review_snapshots alter column session_id drop not null;
alter table review_snapshots add column world text;
alter table review_snapshots add column run_id text;
alter table review_snapshots add check (session_id is not null or (world is not null and run_id is not null));
create unique index review_snapshots_of_run on review_snapshots (world, run_id, snapshot_time) where run_id is not null;
comment on column review_snapshots.session_id is 'null: kept for its run alone, and removed with it';
comment on column review_snapshots.run_id is 'the replay that took it';

create index runs_of_session on runs (world, ((request ->> 'session_id')::bigint), created_at desc)
    where kind = 'replay' and request ->> 'session_id' is not null;

create function review_session_follows() returns trigger
language plpgsql as $$
begin
    update review_sessions
       set status = case new.status when 'finished' then 'done'
                                    when 'failed' then 'failed'
                                    when 'cancelled' then 'failed'
                                    else 'running' end,
           error = case new.status when 'failed' then new.error when 'cancelled' then 'the replay was cancelled' end,
           data_quality = coalesce(new.result #>> '{data_quality,interval}', data_quality),
           params_json = new.request -> 'parameters',
           updated_at = now()
     where world = new.world and id = (new.request ->> 'session_id')::bigint
       and not exists (
           select from runs
            where world = new.world and kind = 'replay' and (request ->> 'session_id')::bigint = (new.request ->> 'session_id')::bigint
              and created_at > new.created_at);
    return null;
end $$;

create trigger runs_move_their_session after insert or update of status on runs
    for each row when (new.kind = 'replay' and new.request ->> 'session_id' is not null)
    execute function review_session_follows();
