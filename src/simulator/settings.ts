/** At most `calls` calls in any `windowMs` milliseconds; null: no limit. */
export interface CallLimit {
  readonly calls: number;
  readonly windowMs: number;
}

/** Every switch of the local Spotify. The defaults are what an app in Development Mode meets today. */
export interface Settings {
  /** What /authorize does: shows its page, or answers at once (for headless demos and tests). */
  consent: 'ask' | 'approve' | 'deny';
  /** The listener who is logged in where consent is given at once. */
  loggedInAs: string;
  /** What a refresh returns: nothing new (today), a new token that kills the old one (before June 2026), or "". */
  refreshToken: 'none' | 'rotate' | 'empty';
  /** `ignored`: POST /me/playlists with `public: false` still makes a public one, and PUT does not change it. */
  publicFlag: 'ignored' | 'honoured';
  /** Names of a playlist's contents: `items`/`item` (today), `tracks`/`track` (before 2026), or both. */
  playlistKeys: 'items' | 'tracks' | 'both';
  /** Status of a call whose token lacks the scope: 403 "Insufficient client scope" or 401 "Permissions missing". */
  missingScope: 403 | 401;
  /** How long a play takes to appear in recently-played. */
  playLagMs: number;
  /** What `played_at` marks: Spotify's own is about the end; older ones were mixed. */
  playedAt: 'end' | 'start' | 'mixed';
  /** Which plays a page of `after` holds when more than `limit` are newer. Spotify's choice is not known. */
  afterReturns: 'newest' | 'oldest';
  /** Adding a well-formed URI that does not exist: kept as a null item, or the whole call refused. Not known either. */
  deadUris: 'accepted' | 'refused';
  /** How long PUT images takes to show. */
  coverDelayMs: number;
  /** Calls per app. Spotify publishes neither this number nor the quota; these are low enough to be met, high enough to work. */
  rateLimit: CallLimit | null;
  /** Calls per developer, all client ids together. */
  quota: CallLimit | null;
  /** Cover uploads per app. */
  imageLimit: CallLimit | null;
  /** Calls of the ReccoBeats simulation. */
  reccobeatsLimit: CallLimit | null;
  /** Body of a short 429. */
  rateLimitBody: 'json' | 'plain-text';
  /** Whether a short 429 says how long to wait. */
  retryAfter: 'sent' | 'missing';
}

const DAY_MS = 24 * 3_600_000;

export const DEFAULT_SETTINGS: Settings = {
  consent: 'ask',
  loggedInAs: 'kufx-radio',
  refreshToken: 'none',
  publicFlag: 'ignored',
  playlistKeys: 'items',
  missingScope: 403,
  playLagMs: 0,
  playedAt: 'end',
  afterReturns: 'newest',
  deadUris: 'accepted',
  coverDelayMs: 5000,
  rateLimit: { calls: 180, windowMs: 30_000 },
  quota: { calls: 2500, windowMs: DAY_MS },
  imageLimit: { calls: 10, windowMs: 30_000 },
  reccobeatsLimit: { calls: 60, windowMs: 60_000 },
  rateLimitBody: 'json',
  retryAfter: 'sent',
};

/** Settings with some of them changed; throws on a name that is none, so that a typing error is not a silent no-op. */
export function changeSettings(settings: Settings, changes: Partial<Settings>): Settings {
  for (const name of Object.keys(changes)) {
    if (!(name in DEFAULT_SETTINGS)) throw new RangeError(`there is no setting "${name}"`);
  }
  return { ...settings, ...changes };
}
