import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ExpectedError } from './base/errors.ts';

/** The folder that holds package.json. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

const flag = z.enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off']);
const yesOrNo = (fallback: boolean) =>
  flag.optional().transform((text) => (text === undefined ? fallback : ['true', '1', 'yes', 'on'].includes(text)));
const whole = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback);
const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((part) => part.trim()))
  .transform((parts) => parts.filter((part) => part !== ''));

/** Every setting: the environment variable (a `.env` file is read as well), its default, and one line on what it does. */
const environment = z.object({
  /** Folder of the embedded database, raw landing, corpora, models and the key. */
  SEGUE_DATA_DIR: z.string().min(1).default('.segue'),
  /** A PostgreSQL server (14 or newer) instead of the embedded database: postgres://user:password@host:5432/name. */
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must start with postgres:// or postgresql://' })
    .optional(),
  /** Schema of all tables, so that one database can hold several Segues. */
  SEGUE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]*$/)
    .default('segue'),
  /** 32 bytes in base64 that seal the tokens; without it a file `key` in the data folder is made. */
  SEGUE_KEY: z.string().optional(),
  /** The listener whose plays these are. */
  SEGUE_LISTENER: z.string().min(1).default('me'),
  /** Port of the service and its page. */
  SEGUE_PORT: whole(8080, 0, 65_535),
  /** Address the service listens on; anything but loopback shows your listening to the network. */
  SEGUE_HOST: z.string().min(1).default('127.0.0.1'),
  /** IANA time zone of schedules and of dates in playlist names; default: the machine's. */
  SEGUE_TIME_ZONE: z
    .string()
    .refine((zone) => isTimeZone(zone), 'is not an IANA time zone such as Europe/Stockholm')
    .default(Intl.DateTimeFormat().resolvedOptions().timeZone),
  /** Lowest level that reaches the service's log: debug, info, warn, error. */
  SEGUE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),

  /** Client ID of your app in Spotify's developer dashboard; `segue connect` asks for it once. */
  SPOTIFY_CLIENT_ID: z.string().optional(),
  /** Its secret, only for apps that use one; PKCE needs none. */
  SPOTIFY_CLIENT_SECRET: z.string().optional(),
  /** Port of the callback http://127.0.0.1:<port>/callback while connecting; 0 takes a free one. */
  SPOTIFY_REDIRECT_PORT: whole(8888, 0, 65_535),
  /** Spotify's accounts service, or a local Spotify's. */
  SPOTIFY_ACCOUNTS_URL: z.url().default('https://accounts.spotify.com'),
  /** Spotify's Web API, or a local Spotify's. */
  SPOTIFY_API_URL: z.url().default('https://api.spotify.com/v1'),
  /** Calls in 24 hours after which Segue warns and holds back what is not urgent. Spotify publishes no number. */
  SPOTIFY_DAILY_CALLS: whole(1500, 1, 1_000_000),

  /** Playlist files and folders that import-playlists reads when none is given, separated by commas; default: the bundled ones. */
  SEGUE_PLAYLISTS: list,
  /** Audio-feature files that import-features reads when none is given. */
  SEGUE_FEATURES: list,
  /** Ask ReccoBeats (a free third party) for missing audio features: sends track ids, nothing else. */
  SEGUE_ENRICH_FEATURES: yesOrNo(false),
  /** ReccoBeats' address. */
  RECCOBEATS_URL: z.url().default('https://api.reccobeats.com'),
  /** Let models train on what came from Spotify's Web API, which its developer policy forbids (docs/policy.md). */
  SEGUE_TRAIN_ON_API_CONTENT: yesOrNo(false),

  /** Songs in an edition. */
  SEGUE_PLAYLIST_LENGTH: whole(30, 1, 10_000),
  /** Days of plays that recommendations start from. */
  SEGUE_SEED_DAYS: whole(7, 1, 3_650),
  /** `in-place` keeps one playlist fresh; `new` makes one per edition. */
  SEGUE_PLAYLIST_MODE: z.enum(['in-place', 'new']).default('in-place'),
  /** Name of the playlist; {date} becomes 22/11/2026. */
  SEGUE_PLAYLIST_NAME: z.string().min(1).max(100).default('Segue Weekly'),
  /** Its description; {date} as above, {songs} how many. Default: "30 songs for 22/11/2026, chosen by Segue …". */
  SEGUE_PLAYLIST_DESCRIPTION: z.string().optional(),
  /** Whether the playlist is listed on the profile; Spotify may ignore "false". */
  SEGUE_PLAYLIST_PUBLIC: yesOrNo(false),
  /** A JPEG of at most 180 KB as the playlist's cover. */
  SEGUE_PLAYLIST_COVER: z.string().optional(),

  /** When plays are collected: five cron fields. 50 plays of 30 s are 25 minutes, so 15 loses none. */
  SEGUE_COLLECT_CRON: z.string().default('*/15 * * * *'),
  /** When a fresh edition is made and published. */
  SEGUE_WEEKLY_CRON: z.string().default('0 6 * * 1'),
});

export type Config = ReturnType<typeof toConfig>;

/**
 * Settings from the environment and from `.env` in `folder` (the environment wins); relative paths start there, so that
 * `segue` finds the same data from wherever it is called.
 * Throws ExpectedError `bad-setting` that names the variable, never its value: it may be a secret.
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env, folder = projectRoot): Config {
  const file = resolve(folder, '.env');
  if (env === process.env && existsSync(file)) process.loadEnvFile(file);
  // An empty variable means "not set", as in most tools that read .env files.
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ExpectedError('bad-setting', `The setting ${issue.path.join('.')} cannot be used.`, {
      why: `It ${issue.message.startsWith('must') || issue.message.startsWith('is') ? issue.message : `is not valid: ${issue.message}`}.`,
      hint: `Correct ${issue.path.join('.')} in the environment or in .env; src/config.ts lists every setting.`,
    });
  }
  return toConfig(parsed.data, folder);
}

function toConfig(env: z.infer<typeof environment>, folder: string) {
  const path = (name: string) => resolve(folder, name);
  return {
    dataDir: path(env.SEGUE_DATA_DIR),
    databaseUrl: env.DATABASE_URL,
    schema: env.SEGUE_SCHEMA,
    key: env.SEGUE_KEY,
    listener: env.SEGUE_LISTENER,
    port: env.SEGUE_PORT,
    host: env.SEGUE_HOST,
    timeZone: env.SEGUE_TIME_ZONE,
    logLevel: env.SEGUE_LOG_LEVEL,
    spotify: {
      clientId: env.SPOTIFY_CLIENT_ID,
      clientSecret: env.SPOTIFY_CLIENT_SECRET,
      redirectPort: env.SPOTIFY_REDIRECT_PORT,
      accountsUrl: env.SPOTIFY_ACCOUNTS_URL,
      apiUrl: env.SPOTIFY_API_URL,
      dailyCalls: env.SPOTIFY_DAILY_CALLS,
    },
    playlistSources: env.SEGUE_PLAYLISTS.map(path),
    featureSources: env.SEGUE_FEATURES.map(path),
    enrichFeatures: env.SEGUE_ENRICH_FEATURES,
    reccobeatsUrl: env.RECCOBEATS_URL,
    trainOnApiContent: env.SEGUE_TRAIN_ON_API_CONTENT,
    edition: {
      length: env.SEGUE_PLAYLIST_LENGTH,
      days: env.SEGUE_SEED_DAYS,
    },
    playlist: {
      mode: env.SEGUE_PLAYLIST_MODE,
      name: env.SEGUE_PLAYLIST_NAME,
      description: env.SEGUE_PLAYLIST_DESCRIPTION,
      public: env.SEGUE_PLAYLIST_PUBLIC,
      cover: env.SEGUE_PLAYLIST_COVER === undefined ? undefined : path(env.SEGUE_PLAYLIST_COVER),
    },
    cron: { collect: env.SEGUE_COLLECT_CRON, weekly: env.SEGUE_WEEKLY_CRON },
  };
}

function isTimeZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}
