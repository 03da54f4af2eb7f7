-- The first schema. The connection's search_path names the schema that everything lives in ("segue" unless set otherwise).
-- Names: singular tables, natural keys where Spotify gives one, identity keys elsewhere. Times are timestamptz, UTC.
-- What each table and column means is said by comments in the database itself, so that a SQL client shows it.

comment on table migration is 'Which numbered SQL files made this schema; written by Segue when it opens the database.';
comment on column migration.number is 'Number of the file, from 1.';
comment on column migration.name is 'Its name, without number and ending.';
comment on column migration.checksum is 'SHA-256 of its text, hex; a file that changed after it ran is refused.';
comment on column migration.applied_at is 'When it ran.';

create table listener (
  listener_id bigint generated always as identity primary key,
  name text not null unique check (name <> ''),
  created_at timestamptz not null default now()
);
comment on table listener is 'A person whose plays are held here.';
comment on column listener.listener_id is 'Key.';
comment on column listener.name is 'Name given in the setting SEGUE_LISTENER; unique.';
comment on column listener.created_at is 'When first seen.';

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
comment on table account is 'The Spotify account a listener is connected to; one for each listener. Tokens are in account_token.';
comment on column account.account_id is 'Key.';
comment on column account.listener_id is 'Whose account.';
comment on column account.spotify_account_id is 'Opaque account_id of GET /me, where Spotify gave one; the safest proof that it is the same account.';
comment on column account.spotify_user_id is 'User id of GET /me.';
comment on column account.display_name is 'Name shown in Spotify; null where there is none.';
comment on column account.client_id is 'Client id of the app that was authorized.';
comment on column account.status is 'connected; reauth_required: Spotify refused the refresh token and the owner must sign in again; disconnected by the owner.';
comment on column account.status_reason is 'Why it is not connected, one sentence; null while it is.';
comment on column account.status_at is 'When the status was set.';
comment on column account.scopes is 'Scopes granted.';
comment on column account.authorized_at is 'When the owner last signed in.';
comment on column account.refresh_expires_at is 'authorized_at plus six calendar months: after it the refresh token is dead, whether used or not.';

create table account_token (
  account_id bigint primary key references account on delete cascade,
  sealed text not null,
  access_expires_at timestamptz not null,
  updated_at timestamptz not null
);
comment on table account_token is 'Tokens of an account, encrypted. Deleted when the account is disconnected.';
comment on column account_token.account_id is 'Whose tokens.';
comment on column account_token.sealed is 'Access and refresh token as JSON, sealed with AES-256-GCM (v1.<base64url>), bound to this row.';
comment on column account_token.access_expires_at is 'When the access token ends, about an hour after it was issued.';
comment on column account_token.updated_at is 'When last refreshed.';

create table spotify_block (
  client_id text primary key,
  kind text not null check (kind in ('rate-limit', 'quota')),
  blocked_until timestamptz not null,
  reason text not null,
  recorded_at timestamptz not null
);
comment on table spotify_block is 'The last time Spotify refused all calls of an app, so that a restart does not call again too early.';
comment on column spotify_block.client_id is 'Client id of the app.';
comment on column spotify_block.kind is 'rate-limit: too many calls in a short time; quota: the daily allowance is used up.';
comment on column spotify_block.blocked_until is 'No call before this time.';
comment on column spotify_block.reason is 'One sentence for people.';
comment on column spotify_block.recorded_at is 'When Spotify refused.';

create table spotify_call_hour (
  client_id text not null,
  hour timestamptz not null,
  calls integer not null check (calls >= 0),
  primary key (client_id, hour)
);
comment on table spotify_call_hour is 'How many calls an app made in each hour; the daily quota is watched with it. Hours older than a week are dropped.';
comment on column spotify_call_hour.client_id is 'Client id of the app.';
comment on column spotify_call_hour.hour is 'Beginning of the hour.';
comment on column spotify_call_hour.calls is 'Calls made, answered or not.';

create table artist (
  artist_id bigint generated always as identity primary key,
  spotify_artist_id text unique,
  name text not null,
  name_key text not null
);
create unique index artist_name_only on artist (name_key) where spotify_artist_id is null;
create index artist_name_key on artist (name_key);
comment on table artist is 'An artist, or several of one name while no source has told their ids.';
comment on column artist.artist_id is 'Key.';
comment on column artist.spotify_artist_id is 'Spotify''s id; null while the artist is known by name only (exports, playlist files).';
comment on column artist.name is 'Name as Spotify or the source writes it.';
comment on column artist.name_key is 'Name in lower case without diacritics and punctuation; artists known by name only are recognised by it.';

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
comment on table album is 'An album, single or compilation.';
comment on column album.album_id is 'Key.';
comment on column album.spotify_album_id is 'Spotify''s id; null while the album is known by name only.';
comment on column album.artist_id is 'Primary artist of the first track seen of it.';
comment on column album.name is 'Name as Spotify or the source writes it.';
comment on column album.name_key is 'Name in lower case without diacritics and punctuation.';
comment on column album.release_date is 'Day of release; first of the month or year where only those are known.';
comment on column album.release_precision is 'How much of release_date is known; null where nothing is.';

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
comment on table track is 'A track as Spotify numbers them; a recording may have several (view recording).';
comment on column track.track_id is 'Spotify''s 22-character id, or name:<artist>|<title> while a source gave only those.';
comment on column track.title is 'Title as Spotify or the source writes it.';
comment on column track.album_id is 'Album it was seen on.';
comment on column track.duration_ms is 'Length in milliseconds; null while unknown.';
comment on column track.explicit is 'Marked explicit by the label; null while unknown.';
comment on column track.isrc is 'International Standard Recording Code, 12 characters; null while unknown (exports have none).';
comment on column track.recording_key is 'artist|title, both normalised: equal for remasters and features of one recording.';
comment on column track.is_playable is 'Whether Spotify last played it to the connected account; null while unknown.';
comment on column track.added_at is 'When first seen.';

create table track_artist (
  track_id text not null references track on delete cascade,
  position smallint not null check (position >= 0),
  artist_id bigint not null references artist,
  primary key (track_id, position)
);
create index track_artist_artist on track_artist (artist_id);
comment on table track_artist is 'Who made a track, in order.';
comment on column track_artist.track_id is 'The track.';
comment on column track_artist.position is '0 for the primary artist, then in the order of the credits.';
comment on column track_artist.artist_id is 'The artist.';

create table track_alias (
  alias_track_id text primary key,
  track_id text not null references track on delete cascade,
  reason text not null check (reason in ('relinked', 'matched-by-isrc', 'matched-by-name')),
  noted_at timestamptz not null default now()
);
create index track_alias_track on track_alias (track_id);
comment on table track_alias is 'Other ids of a stored track: what Spotify answered with instead, or what was matched to it.';
comment on column track_alias.alias_track_id is 'The other id; need not be stored as a track.';
comment on column track_alias.track_id is 'The track to use.';
comment on column track_alias.reason is 'relinked: Spotify showed this id for that track; matched by equal ISRC, or by equal recording_key.';
comment on column track_alias.noted_at is 'When noticed.';

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
comment on table import is 'One reading of one file: items_read = items_stored + items_already_there + the sum of skipped.';
comment on column import.import_id is 'Key.';
comment on column import.task is 'Task that read it.';
comment on column import.source_name is 'File as the owner knows it, without its folder.';
comment on column import.format is 'What it was recognised as, by content.';
comment on column import.fingerprint is 'Hash of the content: the same content read again is recognised.';
comment on column import.raw_path is 'Where the raw landing holds it, relative to the data folder; null where it is read in place.';
comment on column import.items_read is 'Rows or playlists in the file.';
comment on column import.items_stored is 'Of those, new ones.';
comment on column import.items_already_there is 'Of those, known ones.';
comment on column import.skipped is 'Of those, unusable ones: reason -> count.';
comment on column import.finished_at is 'When it was done.';

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
  constraint play_polled check (source = 'export' or polled_at is not null),
  constraint play_once unique (listener_id, ended_at, track_id)
);
create index play_track on play (track_id, ended_at);
create index play_polled_at on play (track_id, polled_at) where polled_at is not null;
comment on table play is 'One playback of one track. One row whichever source told it first: a polled play that an export brings too becomes the exported one.';
comment on column play.play_id is 'Key.';
comment on column play.listener_id is 'Who heard it.';
comment on column play.track_id is 'What was played.';
comment on column play.ended_at is 'END of the playback: to the second from the extended history, to the millisecond (and up to a minute off) from the Web API.';
comment on column play.ms_played is 'Milliseconds heard; null when unknown: the Web API never tells.';
comment on column play.source is 'export: the owner''s privacy export; api: only polled from recently-played so far.';
comment on column play.precision is 'minute: from the account data, ended_at is the beginning of the minute; else second.';
comment on column play.polled_at is 'played_at of the Web API, where it was polled; null for plays known from an export only.';
comment on column play.context_uri is 'Album, playlist or artist it was played from, told by the Web API.';
comment on column play.platform is 'Device and system, told by the export.';
comment on column play.country is 'ISO 3166 code of where it was played, told by the export.';
comment on column play.reason_start is 'Why it began (clickrow, trackdone, fwdbtn …), told by the export.';
comment on column play.reason_end is 'Why it ended (trackdone, fwdbtn, endplay …), told by the export.';
comment on column play.shuffle is 'Whether shuffle was on, told by the export.';
comment on column play.skipped is 'Whether it was skipped, told by the export; often null.';
comment on column play.offline is 'Whether it was played offline, told by the export.';
comment on column play.offline_at is 'When the offline play was reported, told by the export.';
comment on column play.private_session is 'Whether it was in a private session, told by the export.';
comment on column play.stored_at is 'When the row was made.';

create table play_gap (
  play_gap_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  newest_stored_at timestamptz not null,
  oldest_fetched_at timestamptz not null,
  detected_at timestamptz not null,
  filled_at timestamptz,
  check (newest_stored_at < oldest_fetched_at),
  unique (listener_id, newest_stored_at, oldest_fetched_at)
);
comment on table play_gap is 'A stretch in which plays may be missing: recently-played holds 50, and all of them were newer than the newest stored one.';
comment on column play_gap.play_gap_id is 'Key.';
comment on column play_gap.listener_id is 'Whose plays.';
comment on column play_gap.newest_stored_at is 'End of the last play before the gap.';
comment on column play_gap.oldest_fetched_at is 'End of the first play after it.';
comment on column play_gap.detected_at is 'When the poll noticed it.';
comment on column play_gap.filled_at is 'When an export covered it; null while open.';

create table liked_track (
  listener_id bigint not null references listener,
  track_id text not null references track,
  liked_at timestamptz,
  source text not null check (source in ('api', 'export')),
  primary key (listener_id, track_id)
);
create index liked_track_track on liked_track (track_id);
comment on table liked_track is 'Songs the listener saved.';
comment on column liked_track.listener_id is 'Whose.';
comment on column liked_track.track_id is 'Which.';
comment on column liked_track.liked_at is 'When saved; null in exports.';
comment on column liked_track.source is 'api, or export while the Web API has not listed it.';

create table playlist (
  playlist_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  spotify_playlist_id text,
  name text not null,
  description text,
  owned boolean not null,
  snapshot text,
  items_total integer check (items_total >= 0),
  items_readable boolean not null,
  source text not null check (source in ('api', 'export')),
  synced_at timestamptz not null
);
create index playlist_listener on playlist (listener_id, name);
create unique index playlist_spotify on playlist (listener_id, spotify_playlist_id) where spotify_playlist_id is not null;
create unique index playlist_export_name on playlist (listener_id, name) where spotify_playlist_id is null;
comment on table playlist is 'Playlists of the listener''s library, own and followed.';
comment on column playlist.playlist_id is 'Key.';
comment on column playlist.listener_id is 'In whose library.';
comment on column playlist.spotify_playlist_id is 'Spotify''s id; null for playlists of an export, which has none.';
comment on column playlist.name is 'Name.';
comment on column playlist.description is 'Description; null where there is none.';
comment on column playlist.owned is 'Whether the listener owns it.';
comment on column playlist.snapshot is 'Spotify''s opaque version of the stored items; unchanged means nothing to read.';
comment on column playlist.items_total is 'How many items the source says it has.';
comment on column playlist.items_readable is 'Whether Spotify lets the account read the items: own and collaborative playlists only.';
comment on column playlist.source is 'api or export.';
comment on column playlist.synced_at is 'When last read.';

create table playlist_item (
  playlist_id bigint not null references playlist on delete cascade,
  position integer not null check (position >= 0),
  track_id text not null references track,
  added_at timestamptz,
  primary key (playlist_id, position)
);
create index playlist_item_track on playlist_item (track_id);
comment on table playlist_item is 'Tracks of a playlist, in order; episodes and local files are left out, so positions may have holes.';
comment on column playlist_item.playlist_id is 'The playlist.';
comment on column playlist_item.position is 'Place in the playlist, from 0.';
comment on column playlist_item.track_id is 'The track.';
comment on column playlist_item.added_at is 'When it was added; null where the source does not tell.';

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
comment on table top_item is 'Top tracks and artists as Spotify computes them.';
comment on column top_item.listener_id is 'Whose.';
comment on column top_item.kind is 'track or artist.';
comment on column top_item.time_range is 'short_term about 4 weeks, medium_term about 6 months, long_term about a year.';
comment on column top_item.rank is 'Place, from 1.';
comment on column top_item.track_id is 'The track, for kind track.';
comment on column top_item.artist_id is 'The artist, for kind artist.';
comment on column top_item.synced_at is 'When read.';

create table audio_feature (
  track_id text not null references track on delete cascade,
  source text not null,
  danceability real, energy real, key smallint, loudness real, mode smallint, speechiness real,
  acousticness real, instrumentalness real, liveness real, valence real, tempo real, time_signature smallint,
  stored_at timestamptz not null default now(),
  primary key (track_id, source)
);
comment on table audio_feature is 'Audio features in Spotify''s terms, from files and third parties (Spotify itself closed the endpoint).';
comment on column audio_feature.track_id is 'The track.';
comment on column audio_feature.source is 'File format or service they came from.';
comment on column audio_feature.danceability is '0 to 1.';
comment on column audio_feature.energy is '0 to 1.';
comment on column audio_feature.key is 'Pitch class, 0 = C to 11 = B; -1 none found.';
comment on column audio_feature.loudness is 'Average in decibels, about -60 to 0.';
comment on column audio_feature.mode is '1 major, 0 minor.';
comment on column audio_feature.speechiness is 'Share of spoken words, 0 to 1.';
comment on column audio_feature.acousticness is 'Confidence, 0 to 1.';
comment on column audio_feature.instrumentalness is 'Confidence that there are no vocals, 0 to 1.';
comment on column audio_feature.liveness is 'Confidence that there was an audience, 0 to 1.';
comment on column audio_feature.valence is '0 sad to 1 cheerful.';
comment on column audio_feature.tempo is 'Beats per minute; 0 none found.';
comment on column audio_feature.time_signature is 'Beats in a bar, 3 to 7.';
comment on column audio_feature.stored_at is 'When stored.';

create table audio_feature_miss (
  track_id text not null references track on delete cascade,
  source text not null,
  asked_at timestamptz not null,
  primary key (track_id, source)
);
comment on table audio_feature_miss is 'Tracks a service was asked about and did not know, so that it is not asked again soon.';
comment on column audio_feature_miss.track_id is 'The track.';
comment on column audio_feature_miss.source is 'The service.';
comment on column audio_feature_miss.asked_at is 'When last asked.';

create table corpus (
  corpus_id bigint generated always as identity primary key,
  kind text not null check (kind in ('source', 'training')),
  name text not null,
  format text not null,
  fingerprint text not null,
  path text not null,
  playlists bigint not null check (playlists >= 0),
  tokens bigint not null check (tokens >= 0),
  tracks bigint not null check (tracks >= 0),
  manifest jsonb not null,
  created_at timestamptz not null,
  unique (kind, name, fingerprint)
);
comment on table corpus is 'Playlists as sequences of tracks, in a file of the data folder; what models learn from. The file is not in the database.';
comment on column corpus.corpus_id is 'Key.';
comment on column corpus.kind is 'source: one set of playlists as it was read; training: several together, as a model sees them.';
comment on column corpus.name is 'Name, for people and commands.';
comment on column corpus.format is 'Format the playlists were read from, or that of the file.';
comment on column corpus.fingerprint is 'Hash of the content.';
comment on column corpus.path is 'Folder of the file, relative to the data folder.';
comment on column corpus.playlists is 'Sentences in it.';
comment on column corpus.tokens is 'Tracks in all sentences, repeats counted.';
comment on column corpus.tracks is 'Different tracks.';
comment on column corpus.manifest is 'The file''s own description of itself.';
comment on column corpus.created_at is 'When made.';

create table corpus_part (
  corpus_id bigint not null references corpus on delete cascade,
  name text not null,
  format text not null,
  source_corpus_id bigint references corpus,
  playlists bigint not null check (playlists >= 0),
  tokens bigint not null check (tokens >= 0),
  tracks bigint not null check (tracks >= 0),
  plays_covered double precision check (plays_covered between 0 and 1),
  primary key (corpus_id, name)
);
create index corpus_part_source on corpus_part (source_corpus_id);
comment on table corpus_part is 'What each source brings to a training corpus.';
comment on column corpus_part.corpus_id is 'The training corpus.';
comment on column corpus_part.name is 'The source.';
comment on column corpus_part.format is 'Its format.';
comment on column corpus_part.source_corpus_id is 'Its own corpus; null for the listener''s playlists and sessions.';
comment on column corpus_part.playlists is 'Sentences it brings.';
comment on column corpus_part.tokens is 'Tracks in them, repeats counted.';
comment on column corpus_part.tracks is 'Different tracks.';
comment on column corpus_part.plays_covered is 'Share of the listener''s plays whose track it knows, 0 to 1; null without plays.';

create table model (
  model_id bigint generated always as identity primary key,
  corpus_id bigint not null references corpus,
  algorithm text not null check (algorithm in ('skip-gram', 'cbow')),
  fingerprint text not null unique,
  path text not null,
  vocabulary integer not null check (vocabulary >= 0),
  dimensions integer not null check (dimensions > 0),
  settings jsonb not null,
  metrics jsonb not null,
  created_at timestamptz not null
);
create index model_corpus on model (corpus_id);
comment on table model is 'Song vectors trained from a corpus; they are files of the data folder.';
comment on column model.model_id is 'Key.';
comment on column model.corpus_id is 'What it learned from.';
comment on column model.algorithm is 'skip-gram or cbow, with negative sampling.';
comment on column model.fingerprint is 'Hash of corpus and settings: the same again gives the same model.';
comment on column model.path is 'Folder of its files, relative to the data folder.';
comment on column model.vocabulary is 'Tracks that have a vector.';
comment on column model.dimensions is 'Numbers in a vector.';
comment on column model.settings is 'Settings of the training.';
comment on column model.metrics is 'What training and evaluation measured.';
comment on column model.created_at is 'When trained.';

create table edition (
  edition_id bigint generated always as identity primary key,
  listener_id bigint not null references listener,
  run_key text not null unique,
  recipe text not null,
  title text not null,
  status text not null check (status in ('draft', 'published')),
  model_id bigint references model,
  seeds_total integer not null check (seeds_total >= 0),
  seeds_found integer not null check (seeds_found between 0 and seeds_total),
  settings jsonb not null,
  created_at timestamptz not null
);
create index edition_listener on edition (listener_id, created_at);
create index edition_model on edition (model_id);
comment on table edition is 'One composed playlist: a draft until it stands in the account.';
comment on column edition.edition_id is 'Key.';
comment on column edition.listener_id is 'For whom.';
comment on column edition.run_key is 'Run that composed it; the same run again replaces its draft.';
comment on column edition.recipe is 'Name of the settings it was made with.';
comment on column edition.title is 'Title for people.';
comment on column edition.status is 'draft or published.';
comment on column edition.model_id is 'Model it was made with; null where no model was needed.';
comment on column edition.seeds_total is 'Tracks it started from.';
comment on column edition.seeds_found is 'Of those, known to the model.';
comment on column edition.settings is 'Everything the recipe was set to.';
comment on column edition.created_at is 'When composed.';

create table edition_seed (
  edition_id bigint not null references edition on delete cascade,
  track_id text not null references track,
  weight double precision not null,
  plays integer not null check (plays >= 0),
  last_played_at timestamptz not null,
  matched_by text check (matched_by in ('id', 'isrc', 'name')),
  primary key (edition_id, track_id)
);
create index edition_seed_track on edition_seed (track_id);
comment on table edition_seed is 'What an edition started from: recently played tracks.';
comment on column edition_seed.edition_id is 'The edition.';
comment on column edition_seed.track_id is 'The track played.';
comment on column edition_seed.weight is 'Its share of the say, more for repeated and recent plays.';
comment on column edition_seed.plays is 'How often it was played.';
comment on column edition_seed.last_played_at is 'When last.';
comment on column edition_seed.matched_by is 'How the model knew it: by track id, ISRC, or normalised title and artist; null: not at all.';

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
comment on table edition_item is 'The songs of an edition, in order, each with its reason.';
comment on column edition_item.edition_id is 'The edition.';
comment on column edition_item.position is 'Place, from 0.';
comment on column edition_item.track_id is 'The song.';
comment on column edition_item.recommender is 'Who proposed it.';
comment on column edition_item.seed_track_id is 'The seed it comes from; null where no single one does.';
comment on column edition_item.similarity is 'Cosine to the seed, -1 to 1.';
comment on column edition_item.score is 'What the ranking gave it.';
comment on column edition_item.reason is 'Why it is here, one sentence as shown.';
comment on column edition_item.facts is 'What the sentence was made from.';

create table edition_rejected (
  edition_id bigint not null references edition on delete cascade,
  track_id text not null references track,
  score double precision not null,
  rule text not null,
  primary key (edition_id, track_id)
);
create index edition_rejected_track on edition_rejected (track_id);
comment on table edition_rejected is 'Candidates that a taste rule left out of an edition.';
comment on column edition_rejected.edition_id is 'The edition.';
comment on column edition_rejected.track_id is 'The candidate.';
comment on column edition_rejected.score is 'What the ranking gave it.';
comment on column edition_rejected.rule is 'The rule.';

create table effect (
  effect_key text primary key,
  kind text not null,
  status text not null check (status in ('doing', 'done')),
  remote_id text,
  detail jsonb not null default '{}',
  started_at timestamptz not null,
  finished_at timestamptz,
  check ((status = 'done') = (finished_at is not null))
);
comment on table effect is 'What was begun outside the database and must not happen twice.';
comment on column effect.effect_key is 'What it is, for example playlist/in-place/<listener>/<recipe>.';
comment on column effect.kind is 'Kind of effect.';
comment on column effect.status is 'doing without anybody at work: the outcome is unknown, ask outside first; done.';
comment on column effect.remote_id is 'What it made outside, for example a playlist id; null while doing.';
comment on column effect.detail is 'What is needed to ask outside.';
comment on column effect.started_at is 'When begun.';
comment on column effect.finished_at is 'When done; null while doing.';

create table publication (
  publication_id bigint generated always as identity primary key,
  edition_id bigint not null unique references edition,
  listener_id bigint not null references listener,
  spotify_playlist_id text not null,
  mode text not null check (mode in ('in-place', 'new')),
  name text not null,
  items integer not null check (items >= 0),
  snapshot text,
  published_at timestamptz not null,
  verified_at timestamptz
);
create index publication_listener on publication (listener_id, published_at);
comment on table publication is 'Editions that stand in the account.';
comment on column publication.publication_id is 'Key.';
comment on column publication.edition_id is 'The edition.';
comment on column publication.listener_id is 'In whose account.';
comment on column publication.spotify_playlist_id is 'The playlist.';
comment on column publication.mode is 'in-place: one playlist kept fresh; new: one for each edition.';
comment on column publication.name is 'Name it was given.';
comment on column publication.items is 'Songs written.';
comment on column publication.snapshot is 'Spotify''s version of the playlist after writing.';
comment on column publication.published_at is 'When written first.';
comment on column publication.verified_at is 'When reading it back showed what was meant; null: not yet.';

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
comment on table run is 'One execution of a pipeline.';
comment on column run.run_id is 'Key.';
comment on column run.run_key is 'Name of the run: the same name is the same run.';
comment on column run.pipeline is 'The pipeline.';
comment on column run.trigger is 'What started it.';
comment on column run.status is 'Where it stands.';
comment on column run.input is 'What it was given.';
comment on column run.scheduled_for is 'The scheduled time it stands for; null when started by hand.';
comment on column run.code_version is 'Version of Segue that ran it.';
comment on column run.created_at is 'When it was asked for.';
comment on column run.started_at is 'When its first task began.';
comment on column run.finished_at is 'When it ended.';

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
comment on table task_run is 'One task in one run.';
comment on column task_run.task_run_id is 'Key.';
comment on column task_run.run_id is 'The run.';
comment on column task_run.task is 'The task.';
comment on column task_run.after is 'Tasks of this run that must end before it.';
comment on column task_run.optional is 'Whether what comes after may run when it fails.';
comment on column task_run.status is 'Where it stands.';
comment on column task_run.output is 'Counts and ids it returned, or why it was skipped.';
comment on column task_run.started_at is 'When its first attempt began.';
comment on column task_run.finished_at is 'When it ended.';

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
comment on table attempt is 'One try of one task run. Clearing a task keeps its old attempts.';
comment on column attempt.attempt_id is 'Key.';
comment on column attempt.task_run_id is 'The task run.';
comment on column attempt.number is 'From 1.';
comment on column attempt.status is 'Where it stands; lost: its worker died.';
comment on column attempt.worker is 'Host and process that ran it.';
comment on column attempt.started_at is 'When begun.';
comment on column attempt.heartbeat_at is 'When its worker was last heard of.';
comment on column attempt.finished_at is 'When ended.';
comment on column attempt.error_code is 'Short name of the failure.';
comment on column attempt.error_lines is 'What failed, why, what to do.';
comment on column attempt.retry_at is 'When the next attempt is due; null when there is none.';

create table attempt_log (
  attempt_id bigint not null references attempt on delete cascade,
  line integer not null,
  logged_at timestamptz not null,
  level text not null check (level in ('debug', 'info', 'warn', 'error')),
  message text not null,
  fields jsonb,
  primary key (attempt_id, line)
);
comment on table attempt_log is 'What an attempt logged, line by line; never a secret.';
comment on column attempt_log.attempt_id is 'The attempt.';
comment on column attempt_log.line is 'From 1.';
comment on column attempt_log.logged_at is 'When.';
comment on column attempt_log.level is 'How serious.';
comment on column attempt_log.message is 'What.';
comment on column attempt_log.fields is 'Facts that go with it.';

create table schedule (
  pipeline text primary key,
  cron text not null,
  time_zone text not null,
  paused boolean not null default false,
  last_tick_at timestamptz
);
comment on table schedule is 'When a pipeline runs by itself.';
comment on column schedule.pipeline is 'The pipeline.';
comment on column schedule.cron is 'Five cron fields.';
comment on column schedule.time_zone is 'IANA time zone they are meant in.';
comment on column schedule.paused is 'Whether it is stopped for now.';
comment on column schedule.last_tick_at is 'The last scheduled time that was looked at; null: none yet.';

-- Views for the questions people ask. A listen is a play of 30 s or more, or of unknown length: the Web API lists no
-- shorter ones. The rule is applied when reading, never when storing.

create view track_name as
select track.track_id, track.title, names.artists, album.name as album, track.duration_ms, track.isrc
from track
left join album using (album_id)
left join lateral (
  select string_agg(artist.name, ', ' order by track_artist.position) as artists
  from track_artist join artist using (artist_id)
  where track_artist.track_id = track.track_id
) as names on true;
comment on view track_name is 'Tracks as people name them: title, artists in order, album.';

create view recording as
select recording_key, min(title) as title, count(*) as tracks, array_agg(track_id order by track_id) as track_ids,
  array_remove(array_agg(distinct isrc), null) as isrcs
from (
  -- Tracks of one ISRC are one recording even where their titles differ.
  select track_id, title, isrc,
    case when isrc is null then recording_key else min(recording_key) over (partition by isrc) end as recording_key
  from track
) as keyed
group by recording_key;
comment on view recording is 'Recordings with all their tracks: same ISRC, or else same normalised artist and title.';

create view listen as
select play.play_id, play.listener_id, play.track_id, play.ended_at, play.source,
  coalesce(play.ms_played, track.duration_ms) as ms_played
from play join track using (track_id)
where play.ms_played is null or play.ms_played >= 30000;
comment on view listen is
  'Plays that count: 30 s or more, or of unknown length, for which ms_played is then the length of the track.';

create view listens_per_day as
select listener_id, (ended_at at time zone 'UTC')::date as day, count(*) as listens,
  count(distinct track_id) as tracks, round(sum(ms_played) / 3600000.0, 2)::double precision as hours
from listen
group by listener_id, (ended_at at time zone 'UTC')::date;
comment on view listens_per_day is 'Listens, different tracks and hours of each day (UTC) with any.';

create view top_track as
select listener_id, rank() over (partition by listener_id order by listens desc) as rank,
  track_id, title, artists, listens, hours, first_listened_at, last_listened_at
from (
  select listener_id, track_id, count(*) as listens, min(ended_at) as first_listened_at,
    max(ended_at) as last_listened_at, round(sum(ms_played) / 3600000.0, 2)::double precision as hours
  from listen group by listener_id, track_id
) as heard
join track_name using (track_id);
comment on view top_track is 'Tracks of each listener by number of listens, all time.';

create view top_artist as
select listener_id, rank() over (partition by listener_id order by listens desc) as rank,
  artist_id, artist.name as artist, listens, tracks, hours, first_listened_at, last_listened_at
from (
  select listener_id, artist_id, count(*) as listens, count(distinct listen.track_id) as tracks,
    min(ended_at) as first_listened_at, max(ended_at) as last_listened_at,
    round(sum(ms_played) / 3600000.0, 2)::double precision as hours
  from listen join track_artist using (track_id)
  where position = 0
  group by listener_id, artist_id
) as heard
join artist using (artist_id);
comment on view top_artist is 'Primary artists of each listener by number of listens, all time.';

create view listening_session as
select listener_id, min(ended_at) as first_ended_at, max(ended_at) as last_ended_at, count(*) as plays,
  count(distinct track_id) as tracks, array_agg(track_id order by ended_at, play_id) as track_ids
from (
  select *, count(*) filter (where starts) over (partition by listener_id order by ended_at, play_id) as number
  from (
    select *, coalesce(
      ended_at - lag(ended_at) over (partition by listener_id order by ended_at, play_id) > interval '30 minutes',
      true) as starts
    from play
  ) as marked
) as numbered
group by listener_id, number;
comment on view listening_session is
  'Plays without more than 30 minutes between the end of one and the end of the next; tracks in the order heard.';

create view open_gap as
select play_gap_id, listener_id, newest_stored_at, oldest_fetched_at, oldest_fetched_at - newest_stored_at as length,
  detected_at
from play_gap
where filled_at is null;
comment on view open_gap is 'Stretches in which plays may be missing; the extended history of the privacy export fills them.';

create view latest_run as
select distinct on (pipeline) pipeline, run_id, run_key, trigger, status, created_at, started_at, finished_at,
  finished_at - started_at as took
from run
order by pipeline, created_at desc, run_id desc;
comment on view latest_run is 'The last run of each pipeline, how it ended and how long it took.';
