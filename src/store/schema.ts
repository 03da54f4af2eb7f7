import type { ColumnType, Generated } from 'kysely';
import type { Json } from '../base/task.ts';

/**
 * The tables of `migrations/*.sql` as kysely sees them; what each column means stands in the database's own comments.
 * Everything lives in one schema that the connection's search_path names. Both drivers give int8 as number, timestamptz
 * as Date, date as 'YYYY-MM-DD', jsonb as its value; jsonb is always written as text made by `jsonText` (rows.ts).
 */
export interface Database {
  listener: ListenerTable;
  account: AccountTable;
  account_token: AccountTokenTable;
  spotify_block: SpotifyBlockTable;
  spotify_call_hour: SpotifyCallHourTable;
  artist: ArtistTable;
  album: AlbumTable;
  track: TrackTable;
  track_artist: TrackArtistTable;
  track_alias: TrackAliasTable;
  import: ImportTable;
  play: PlayTable;
  play_gap: PlayGapTable;
  liked_track: LikedTrackTable;
  playlist: PlaylistTable;
  playlist_item: PlaylistItemTable;
  top_item: TopItemTable;
  audio_feature: AudioFeatureTable;
  audio_feature_miss: AudioFeatureMissTable;
  corpus: CorpusTable;
  corpus_part: CorpusPartTable;
  model: ModelTable;
  blend: BlendTable;
  edition: EditionTable;
  edition_seed: EditionSeedTable;
  edition_item: EditionItemTable;
  edition_rejected: EditionRejectedTable;
  effect: EffectTable;
  publication: PublicationTable;
  outcome: OutcomeTable;
  run: RunTable;
  task_run: TaskRunTable;
  attempt: AttemptTable;
  attempt_log: AttemptLogTable;
  schedule: ScheduleTable;
  taste_change: TasteChangeTable;
  taste_rule: TasteRuleTable;
}

/** Read as a value, written as JSON text. */
type JsonColumn<Value = Json> = ColumnType<Value, string, string>;
type JsonColumnWithDefault<Value = Json> = ColumnType<Value, string | undefined, string>;
type NullableJsonColumn = ColumnType<Json | null, string | null | undefined, string | null>;

export type RunStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
export type AttemptStatus = Exclude<RunStatus, 'queued'> | 'lost';
export type AccountStatus = 'connected' | 'reauth_required' | 'disconnected';

export interface ListenerTable {
  listener_id: Generated<number>;
  name: string;
  created_at: Generated<Date>;
}

export interface AccountTable {
  account_id: Generated<number>;
  listener_id: number;
  spotify_account_id: string | null;
  spotify_user_id: string;
  display_name: string | null;
  client_id: string;
  status: AccountStatus;
  status_reason: string | null;
  status_at: Date;
  scopes: string[];
  authorized_at: Date;
  refresh_expires_at: Date;
}

export interface AccountTokenTable {
  account_id: number;
  sealed: string;
  access_expires_at: Date;
  updated_at: Date;
}

export interface SpotifyBlockTable {
  client_id: string;
  kind: 'rate-limit' | 'quota';
  blocked_until: Date;
  reason: string;
  recorded_at: Date;
}

export interface SpotifyCallHourTable {
  client_id: string;
  hour: Date;
  calls: number;
}

export interface ArtistTable {
  artist_id: Generated<number>;
  spotify_artist_id: string | null;
  name: string;
  name_key: string;
}

export interface AlbumTable {
  album_id: Generated<number>;
  spotify_album_id: string | null;
  artist_id: number | null;
  name: string;
  name_key: string;
  release_date: string | null;
  release_precision: 'year' | 'month' | 'day' | null;
}

export interface TrackTable {
  track_id: string;
  title: string;
  album_id: number | null;
  duration_ms: number | null;
  explicit: boolean | null;
  isrc: string | null;
  recording_key: string;
  is_playable: boolean | null;
  added_at: Generated<Date>;
}

export interface TrackArtistTable {
  track_id: string;
  position: number;
  artist_id: number;
}

export interface TrackAliasTable {
  alias_track_id: string;
  track_id: string;
  reason: 'relinked' | 'matched-by-isrc' | 'matched-by-name';
  noted_at: Generated<Date>;
}

export interface ImportTable {
  import_id: Generated<number>;
  task: string;
  source_name: string;
  format: string;
  fingerprint: string;
  raw_path: string | null;
  items_read: number;
  items_stored: number;
  items_already_there: number;
  skipped: JsonColumnWithDefault<Record<string, number>>;
  finished_at: Date;
}

export interface PlayTable {
  play_id: Generated<number>;
  listener_id: number;
  track_id: string;
  ended_at: Date;
  ms_played: number | null;
  source: 'api' | 'export';
  precision: Generated<'second' | 'minute'>;
  polled_at: Date | null;
  context_uri: string | null;
  platform: string | null;
  country: string | null;
  reason_start: string | null;
  reason_end: string | null;
  shuffle: boolean | null;
  skipped: boolean | null;
  offline: boolean | null;
  offline_at: Date | null;
  private_session: boolean | null;
  stored_at: Generated<Date>;
}

export interface PlayGapTable {
  play_gap_id: Generated<number>;
  listener_id: number;
  newest_stored_at: Date;
  oldest_fetched_at: Date;
  detected_at: Date;
  filled_at: Date | null;
}

export interface LikedTrackTable {
  listener_id: number;
  track_id: string;
  liked_at: Date | null;
  source: 'api' | 'export';
}

export interface PlaylistTable {
  playlist_id: Generated<number>;
  listener_id: number;
  spotify_playlist_id: string | null;
  name: string;
  description: string | null;
  owned: boolean;
  snapshot: string | null;
  items_total: number | null;
  items_readable: boolean;
  source: 'api' | 'export';
  synced_at: Date;
}

export interface PlaylistItemTable {
  playlist_id: number;
  position: number;
  track_id: string;
  added_at: Date | null;
}

export interface TopItemTable {
  listener_id: number;
  kind: 'track' | 'artist';
  time_range: 'short_term' | 'medium_term' | 'long_term';
  rank: number;
  track_id: string | null;
  artist_id: number | null;
  synced_at: Date;
}

export interface AudioFeatureTable {
  track_id: string;
  source: string;
  danceability: number | null;
  energy: number | null;
  key: number | null;
  loudness: number | null;
  mode: number | null;
  speechiness: number | null;
  acousticness: number | null;
  instrumentalness: number | null;
  liveness: number | null;
  valence: number | null;
  tempo: number | null;
  time_signature: number | null;
  stored_at: Generated<Date>;
}

export interface AudioFeatureMissTable {
  track_id: string;
  source: string;
  asked_at: Date;
}

export interface CorpusTable {
  corpus_id: Generated<number>;
  kind: 'source' | 'training';
  name: string;
  format: string;
  fingerprint: string;
  path: string;
  playlists: number;
  tokens: number;
  tracks: number;
  manifest: JsonColumn;
  created_at: Date;
}

export interface CorpusPartTable {
  corpus_id: number;
  name: string;
  format: string;
  source_corpus_id: number | null;
  playlists: number;
  tokens: number;
  tracks: number;
  plays_covered: number | null;
}

export interface ModelTable {
  model_id: Generated<number>;
  corpus_id: number | null;
  algorithm: 'skip-gram' | 'cbow' | 'imported';
  fingerprint: string;
  path: string;
  vocabulary: number;
  dimensions: number;
  settings: JsonColumn;
  metrics: JsonColumn;
  created_at: Date;
}

export interface BlendTable {
  blend_id: Generated<number>;
  model_id: number;
  corpus_id: number | null;
  fingerprint: string;
  path: string;
  weights: JsonColumn;
  metrics: JsonColumn;
  lessons: JsonColumn;
  verdict: JsonColumn;
  promoted_at: Date | null;
  created_at: Date;
}

export interface EditionTable {
  edition_id: Generated<number>;
  listener_id: number;
  run_key: string;
  recipe: string;
  title: string;
  status: 'draft' | 'published';
  model_id: number | null;
  blend_id: number | null;
  seeds_total: number;
  seeds_found: number;
  settings: JsonColumn;
  created_at: Date;
}

export interface EditionSeedTable {
  edition_id: number;
  track_id: string;
  weight: number;
  plays: number;
  last_played_at: Date;
  matched_by: 'id' | 'isrc' | 'name' | null;
}

export interface EditionItemTable {
  edition_id: number;
  position: number;
  track_id: string;
  recommender: string;
  seed_track_id: string | null;
  similarity: number | null;
  score: number;
  reason: string;
  facts: JsonColumnWithDefault;
}

export interface EditionRejectedTable {
  edition_id: number;
  track_id: string;
  score: number;
  rule: string;
}

export interface EffectTable {
  effect_key: string;
  kind: string;
  status: 'doing' | 'done';
  remote_id: string | null;
  detail: JsonColumnWithDefault;
  started_at: Date;
  finished_at: Date | null;
}

export interface PublicationTable {
  publication_id: Generated<number>;
  edition_id: number;
  listener_id: number;
  spotify_playlist_id: string;
  mode: 'in-place' | 'new';
  name: string;
  items: number;
  snapshot: string | null;
  published_at: Date;
  verified_at: Date | null;
}

export interface OutcomeTable {
  edition_id: number;
  position: number;
  outcome: 'kept' | 'skipped' | 'ignored' | 'open';
  settled: boolean;
  exported_outcome: 'kept' | 'skipped' | 'ignored' | null;
  plays: number;
  listens: number;
  heard_out: number;
  from_playlist: number;
  first_listened_at: Date | null;
  saved_at: Date | null;
  window_ends_at: Date;
  measured_at: Date;
}

export interface RunTable {
  run_id: Generated<number>;
  run_key: string;
  pipeline: string;
  trigger: 'schedule' | 'manual' | 'backfill';
  status: RunStatus;
  input: JsonColumnWithDefault;
  scheduled_for: Date | null;
  code_version: string | null;
  created_at: Generated<Date>;
  started_at: Date | null;
  finished_at: Date | null;
}

export interface TaskRunTable {
  task_run_id: Generated<number>;
  run_id: number;
  task: string;
  after: string[];
  optional: Generated<boolean>;
  status: RunStatus;
  output: NullableJsonColumn;
  started_at: Date | null;
  finished_at: Date | null;
}

export interface AttemptTable {
  attempt_id: Generated<number>;
  task_run_id: number;
  number: number;
  status: AttemptStatus;
  worker: string;
  started_at: Date;
  heartbeat_at: Date;
  finished_at: Date | null;
  error_code: string | null;
  error_lines: string[] | null;
  retry_at: Date | null;
}

export interface AttemptLogTable {
  attempt_id: number;
  line: number;
  logged_at: Date;
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: NullableJsonColumn;
}

export interface ScheduleTable {
  pipeline: string;
  cron: string;
  time_zone: string;
  paused: Generated<boolean>;
  last_tick_at: Date | null;
}

export interface TasteChangeTable {
  taste_change_id: Generated<number>;
  listener_id: number;
  summary: string;
  made_at: Date;
  undone_at: Date | null;
}

export interface TasteRuleTable {
  taste_rule_id: Generated<number>;
  listener_id: number;
  id: string;
  subject: string;
  rule: JsonColumn;
  created_at: Date;
  removed_at: Date | null;
  added_in: number;
  removed_in: number | null;
}
