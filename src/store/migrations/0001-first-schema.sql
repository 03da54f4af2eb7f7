-- The first schema. Everything lives in the schema "segue"; the connection's search_path is set by src/store/connect.ts.
-- Names: singular tables, natural keys where Spotify gives one, identity keys elsewhere. Times are timestamptz, UTC.

create table listener (
  listener_id bigint generated always as identity primary key,
  name text not null unique,
  created_at timestamptz not null default now()
);

create table account (
  account_id bigint generated always as identity primary key,
  listener_id bigint not null unique references listener,
  spotify_account_id text unique,
  spotify_user_id text not null,
  display_name text,
  client_id text not null,
  status text not null check (status in ('connected', 'reauth_required', 'disconnected')),
  status_reason text,
  status_at timestamptz not null,
  scopes text[] not null,
  authorized_at timestamptz not null,
  refresh_expires_at timestamptz not null
);

create table account_token (
  account_id bigint primary key references account on delete cascade,
  sealed text not null,
  access_expires_at timestamptz not null,
  updated_at timestamptz not null
);

create table spotify_block (
  client_id text primary key,
  kind text not null check (kind in ('rate-limit', 'quota')),
  blocked_until timestamptz not null,
  reason text not null,
  recorded_at timestamptz not null
);

create table spotify_call_hour (
  client_id text not null,
  hour timestamptz not null,
  calls integer not null check (calls >= 0),
  primary key (client_id, hour)
);

create table artist (
  artist_id bigint generated always as identity primary key,
  spotify_artist_id text unique,
  name text not null,
  name_key text not null
);
create unique index artist_name_only on artist (name_key) where spotify_artist_id is null;
create index artist_name_key on artist (name_key);

create table album (
  album_id bigint generated always as identity primary key,
  spotify_album_id text unique,
  artist_id bigint references artist,
  name text not null,
  name_key text not null,
  release_date date,
  release_precision text check (release_precision in ('year', 'month', 'day'))
);
create unique index album_name_only on album (name_key, coalesce(artist_id, 0)) where spotify_album_id is null;
create index album_artist on album (artist_id);

create table track (
  track_id text primary key check (track_id ~ '^[0-9A-Za-z]{22}$' or track_id like 'name:%'),
  title text not null,
  album_id bigint references album,
  duration_ms integer check (duration_ms >= 0),
  explicit boolean,
  isrc text,
  recording_key text not null,
  is_playable boolean,
  added_at timestamptz not null default now()
);
create index track_isrc on track (isrc) where isrc is not null;
create index track_recording_key on track (recording_key);
create index track_album on track (album_id);

create table track_artist (
  track_id text not null references track on delete cascade,
  position smallint not null check (position >= 0),
  artist_id bigint not null references artist,
  primary key (track_id, position)
);
create index track_artist_artist on track_artist (artist_id);

create table track_alias (
  alias_track_id text primary key,
  track_id text not null references track on delete cascade,
  reason text not null check (reason in ('relinked', 'matched-by-isrc', 'matched-by-name')),
  noted_at timestamptz not null default now()
);
create index track_alias_track on track_alias (track_id);

create table import (
  import_id bigint generated always as identity primary key,
  task text not null,
  source_name text not null,
  format text not null,
  fingerprint text not null,
  raw_path text,
  items_read bigint not null check (items_read >= 0),
  items_stored bigint not null check (items_stored >= 0),
  items_already_there bigint not null check (items_already_there >= 0),
  skipped jsonb not null default '{}',
  finished_at timestamptz not null
);

create table play (
  play_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  track_id text not null references track,
  ended_at timestamptz not null,
  ms_played integer check (ms_played >= 0),
  source text not null check (source in ('api', 'export')),
  precision text not null default 'second' check (precision in ('second', 'minute')),
  polled_at timestamptz,
  context_uri text,
  platform text,
  country text,
  reason_start text,
  reason_end text,
  shuffle boolean,
  skipped boolean,
  offline boolean,
  offline_at timestamptz,
  private_session boolean,
  stored_at timestamptz not null default now(),
  constraint play_once unique (listener_id, ended_at, track_id)
);
create index play_track on play (track_id, ended_at);

create table play_gap (
  play_gap_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  newest_stored_at timestamptz not null,
  oldest_fetched_at timestamptz not null,
  detected_at timestamptz not null,
  filled_at timestamptz,
  unique (listener_id, newest_stored_at, oldest_fetched_at)
);

create table liked_track (
  listener_id bigint not null references listener,
  track_id text not null references track,
  liked_at timestamptz,
  source text not null check (source in ('api', 'export')),
  primary key (listener_id, track_id)
);
create index liked_track_track on liked_track (track_id);

create table playlist (
  playlist_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  spotify_playlist_id text,
  name text not null,
  description text,
  owned boolean not null,
  snapshot text,
  items_total integer,
  items_readable boolean not null,
  source text not null check (source in ('api', 'export')),
  synced_at timestamptz not null
);
create unique index playlist_spotify on playlist (listener_id, spotify_playlist_id) where spotify_playlist_id is not null;
create unique index playlist_export_name on playlist (listener_id, name) where spotify_playlist_id is null;

create table playlist_item (
  playlist_id bigint not null references playlist on delete cascade,
  position integer not null check (position >= 0),
  track_id text not null references track,
  added_at timestamptz,
  primary key (playlist_id, position)
);
create index playlist_item_track on playlist_item (track_id);

create table top_item (
  listener_id bigint not null references listener,
  kind text not null check (kind in ('track', 'artist')),
  time_range text not null check (time_range in ('short_term', 'medium_term', 'long_term')),
  rank smallint not null check (rank > 0),
  track_id text references track,
  artist_id bigint references artist,
  synced_at timestamptz not null,
  primary key (listener_id, kind, time_range, rank),
  check ((kind = 'track') = (track_id is not null) and (kind = 'artist') = (artist_id is not null))
);
create index top_item_track on top_item (track_id);
create index top_item_artist on top_item (artist_id);

create table audio_feature (
  track_id text not null references track on delete cascade,
  source text not null,
  danceability real, energy real, key smallint, loudness real, mode smallint, speechiness real,
  acousticness real, instrumentalness real, liveness real, valence real, tempo real, time_signature smallint,
  stored_at timestamptz not null default now(),
  primary key (track_id, source)
);

create table audio_feature_miss (
  track_id text not null references track on delete cascade,
  source text not null,
  asked_at timestamptz not null,
  primary key (track_id, source)
);

create table corpus (
  corpus_id bigint generated always as identity primary key,
  kind text not null check (kind in ('source', 'training')),
  name text not null,
  format text not null,
  fingerprint text not null,
  path text not null,
  playlists bigint not null,
  tokens bigint not null,
  tracks bigint not null,
  manifest jsonb not null,
  created_at timestamptz not null,
  unique (kind, name, fingerprint)
);

create table corpus_part (
  corpus_id bigint not null references corpus on delete cascade,
  name text not null,
  format text not null,
  source_corpus_id bigint references corpus,
  playlists bigint not null,
  tokens bigint not null,
  tracks bigint not null,
  plays_covered double precision,
  primary key (corpus_id, name)
);
create index corpus_part_source on corpus_part (source_corpus_id);

create table model (
  model_id bigint generated always as identity primary key,
  corpus_id bigint not null references corpus,
  algorithm text not null check (algorithm in ('skip-gram', 'cbow')),
  fingerprint text not null unique,
  path text not null,
  vocabulary integer not null,
  dimensions integer not null,
  settings jsonb not null,
  metrics jsonb not null,
  created_at timestamptz not null
);
create index model_corpus on model (corpus_id);

create table edition (
  edition_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  run_key text not null unique,
  recipe text not null,
  title text not null,
  status text not null check (status in ('draft', 'published')),
  model_id bigint references model,
  seeds_total integer not null,
  seeds_found integer not null,
  settings jsonb not null,
  created_at timestamptz not null
);
create index edition_listener on edition (listener_id, created_at);
create index edition_model on edition (model_id);

create table edition_seed (
  edition_id bigint not null references edition on delete cascade,
  track_id text not null references track,
  weight double precision not null,
  plays integer not null,
  last_played_at timestamptz not null,
  matched_by text check (matched_by in ('id', 'isrc', 'name')),
  primary key (edition_id, track_id)
);
create index edition_seed_track on edition_seed (track_id);

create table edition_item (
  edition_id bigint not null references edition on delete cascade,
  position integer not null check (position >= 0),
  track_id text not null references track,
  recommender text not null,
  seed_track_id text references track,
  similarity double precision,
  score double precision not null,
  reason text not null,
  facts jsonb not null default '{}',
  primary key (edition_id, position),
  unique (edition_id, track_id)
);
create index edition_item_track on edition_item (track_id);
create index edition_item_seed on edition_item (seed_track_id);

create table edition_rejected (
  edition_id bigint not null references edition on delete cascade,
  track_id text not null references track,
  score double precision not null,
  rule text not null,
  primary key (edition_id, track_id)
);
create index edition_rejected_track on edition_rejected (track_id);

create table effect (
  effect_key text primary key,
  kind text not null,
  status text not null check (status in ('doing', 'done')),
  remote_id text,
  detail jsonb not null default '{}',
  started_at timestamptz not null,
  finished_at timestamptz
);

create table publication (
  publication_id bigint generated always as identity primary key,
  edition_id bigint not null unique references edition,
  listener_id bigint not null references listener,
  spotify_playlist_id text not null,
  mode text not null check (mode in ('in-place', 'new')),
  name text not null,
  items integer not null,
  snapshot text,
  published_at timestamptz not null,
  verified_at timestamptz
);
create index publication_listener on publication (listener_id, published_at);

create table run (
  run_id bigint generated always as identity primary key,
  run_key text not null unique,
  pipeline text not null,
  trigger text not null check (trigger in ('schedule', 'manual', 'backfill')),
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
  input jsonb not null default '{}',
  scheduled_for timestamptz,
  code_version text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
create index run_pipeline on run (pipeline, created_at);

create table task_run (
  task_run_id bigint generated always as identity primary key,
  run_id bigint not null references run on delete cascade,
  task text not null,
  after text[] not null,
  optional boolean not null default false,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'skipped', 'cancelled')),
  output jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  unique (run_id, task)
);

create table attempt (
  attempt_id bigint generated always as identity primary key,
  task_run_id bigint not null references task_run on delete cascade,
  number integer not null check (number > 0),
  status text not null check (status in ('running', 'succeeded', 'failed', 'skipped', 'cancelled', 'lost')),
  worker text not null,
  started_at timestamptz not null,
  heartbeat_at timestamptz not null,
  finished_at timestamptz,
  error_code text,
  error_lines text[],
  retry_at timestamptz,
  unique (task_run_id, number)
);

create table attempt_log (
  attempt_id bigint not null references attempt on delete cascade,
  line integer not null,
  logged_at timestamptz not null,
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  message text not null,
  fields jsonb,
  primary key (attempt_id, line)
);

create table schedule (
  pipeline text primary key,
  cron text not null,
  time_zone text not null,
  paused boolean not null default false,
  last_tick_at timestamptz
);
