-- Taste rules, as changes that can be taken back.
create table taste_change (
  taste_change_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  summary text not null,
  made_at timestamptz not null,
  undone_at timestamptz,
  check (undone_at >= made_at)
);
create index taste_change_listener on taste_change (listener_id, taste_change_id);
comment on table taste_change is 'Changes of the taste rules, each of one rule or more; `segue taste undo` takes the newest back.';
comment on column taste_change.taste_change_id is 'Key; newer changes have higher ones.';
comment on column taste_change.listener_id is 'Whose rules they are.';
comment on column taste_change.summary is 'What was changed, in words.';
comment on column taste_change.made_at is 'When it was made.';
comment on column taste_change.undone_at is 'When it was taken back; null while it stands.';

create table taste_rule (
  taste_rule_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  id text not null,
  subject text not null,
  rule jsonb not null,
  created_at timestamptz not null,
  removed_at timestamptz,
  added_in bigint not null references taste_change,
  removed_in bigint references taste_change,
  check (removed_in is null or removed_at is not null)
);
create unique index taste_rule_holds on taste_rule (listener_id, subject) where removed_at is null;
create index taste_rule_listener on taste_rule (listener_id);
create index taste_rule_added_in on taste_rule (added_in);
create index taste_rule_removed_in on taste_rule (removed_in);
comment on table taste_rule is 'Rules on which plays count and which songs are recommended; those without removed_at hold, the others are history.';
comment on column taste_rule.taste_rule_id is 'Key.';
comment on column taste_rule.listener_id is 'Whose rule it is.';
comment on column taste_rule.id is 'What people call it: artist:Enya, december, hour:2-5.';
comment on column taste_rule.subject is 'What it is about; of two rules on one subject one holds.';
comment on column taste_rule.rule is 'The rule, as docs/taste-rules.md describes it.';
comment on column taste_rule.created_at is 'When it was added.';
comment on column taste_rule.removed_at is 'When it was removed, or its adding undone; null while it holds.';
comment on column taste_rule.added_in is 'The change that added it.';
comment on column taste_rule.removed_in is 'The change that removed it; null while it holds, and where its adding was undone.';
