-- What the listener did with the songs of published editions.
create table outcome (
  edition_id bigint not null,
  position integer not null,
  outcome text not null check (outcome in ('kept', 'skipped', 'ignored', 'open')),
  settled boolean not null,
  exported_outcome text check (exported_outcome in ('kept', 'skipped', 'ignored')),
  plays integer not null check (plays >= 0),
  listens integer not null check (listens between 0 and plays),
  heard_out integer not null check (heard_out between 0 and listens),
  from_playlist integer not null check (from_playlist between 0 and plays),
  first_listened_at timestamptz,
  saved_at timestamptz,
  window_ends_at timestamptz not null,
  measured_at timestamptz not null,
  primary key (edition_id, position),
  foreign key (edition_id, position) references edition_item on delete cascade,
  check (not (settled and outcome = 'open'))
);
comment on table outcome is 'What became of each song of a published edition, from its publication to the end of its window (four weeks); measured anew by each run of measure-outcomes.';
comment on column outcome.edition_id is 'The edition.';
comment on column outcome.position is 'Place of the song in it, from 0.';
comment on column outcome.outcome is 'kept: saved, heard out once, or listened to twice; skipped: played, and cut short each time; ignored: not played; open: not played yet.';
comment on column outcome.settled is 'Whether plays are known from the end of the window or later: only then does it count in rates.';
comment on column outcome.exported_outcome is 'The outcome as the owner''s export alone tells it, which models may learn from (docs/policy.md); null while no export reaches the end of the window.';
comment on column outcome.plays is 'Plays of the recording in the window, from any context; private sessions are left out.';
comment on column outcome.listens is 'Of the plays, those of 30 s or more, or of unknown length, that were not marked as skipped, and those heard out.';
comment on column outcome.heard_out is 'Of the listens, those to nine tenths of the song or more, those that ended with it, and those of unknown length.';
comment on column outcome.from_playlist is 'Of the plays, those started from the published playlist; the others came from elsewhere, or nobody told.';
comment on column outcome.first_listened_at is 'End of the first listen; null where there is none.';
comment on column outcome.saved_at is 'When it was first liked or put into an own playlist, if that was in the window and not before; else null.';
comment on column outcome.window_ends_at is 'Four weeks after the publication, or when a later edition brought the recording again.';
comment on column outcome.measured_at is 'When this was measured.';
