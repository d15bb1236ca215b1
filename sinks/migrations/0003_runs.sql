-- Runs in the words of their topic, their results, and the lanes of sweeps.

update runs set status = 'requested' where status = 'queued';
alter table runs drop constraint runs_status_check;
alter table runs alter column status set default 'requested';
alter table runs add constraint runs_status_check
    check (status in ('requested', 'running', 'finished', 'failed', 'cancelled'));
alter table runs add column parent text;
alter table runs add column result jsonb;
comment on column runs.summary is 'the few figures of a list; result has all';
comment on column runs.parent is 'the sweep that a shard belongs to';

drop index runs_waiting;
create index runs_waiting on runs (world, created_at) where status in ('requested', 'running') and kind <> 'sweep';
create index runs_by_parent on runs (world, parent) where parent is not null;

create table run_lanes (
    world      text  not null,
    run_id     text  not null,
    lane       text  not null,
    parameters jsonb not null,
    metrics    jsonb not null,
    result     jsonb,
    primary key (world, run_id, lane),
    foreign key (world, run_id) references runs (world, run_id) on delete cascade
);
comment on table run_lanes is 'One parameter set of a sweep each, stored under the sweep''s run_id.';
