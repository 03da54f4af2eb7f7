import { normaliseName } from '../music/track.ts';
import type { CatalogueTrack } from './catalogue.ts';
import type { Evidence } from './evidence.ts';
import { did, type ReasonContext, reasonFor, twoDigits } from './reasons.ts';
import type { Seed } from './seeds.ts';

/** All that is known of why a song was chosen. */
export interface Grounds {
  readonly track: CatalogueTrack;
  /** The recommender with the largest share. */
  readonly winner: string;
  readonly evidence: Evidence;
  /** Playlists there are. */
  readonly playlists: number;
  /** All seeds, heaviest first. */
  readonly seeds: readonly Seed[];
  readonly seedOfRow: (row: number) => Seed | undefined;
  readonly nameOfPlaylist: (playlist: number) => string;
  /** The seed whose song vector is nearest. */
  readonly nearest: Likeness | undefined;
  /** The seed that sounds most like it; undefined where that is not known. */
  readonly sound: Likeness | undefined;
}

export interface Likeness {
  readonly seed: Seed;
  readonly similarity: number;
}

export interface BlendReason {
  readonly sentence: string;
  /** The seed that the sentence names. */
  readonly seed: Seed | undefined;
}

/**
 * One sentence on why this song, in the words of the recommender that won its place and of facts that `segue why` can open: the
 * playlists and seeds behind it. Where these facts are missing, the nearest song vector speaks; of a song in no playlist its artist
 * or its sound.
 */
export function reasonOf(grounds: Grounds, context: ReasonContext): BlendReason {
  const own = SENTENCES[grounds.winner]?.(grounds, context);
  if (own !== undefined) return own;
  const isCold = grounds.evidence.holders === 0 && grounds.nearest === undefined;
  return (
    (isCold ? (byArtist(grounds, context) ?? bySound(grounds, context)) : undefined) ?? byVectors(grounds, context)
  );
}

type Sentence = (grounds: Grounds, context: ReasonContext) => BlendReason | undefined;

const SENTENCES: { readonly [recommender: string]: Sentence } = {
  popular: ({ evidence, playlists }) => ({
    sentence: `Because ${counted(evidence.holders, 'playlist')} of ${formatCount(playlists)} hold it, more than most songs.`,
    seed: undefined,
  }),
  neighbours({ evidence, seedOfRow, nameOfPlaylist }, context) {
    const [first] = evidence.playlists;
    const seed = first && seedOfRow(first.seeds[0]!);
    if (first === undefined || seed === undefined) return undefined;
    const named = `${nameOf(seed)}, which ${did(seed, context)}`;
    const among =
      first.seeds.length === 1 ? `has ${named}` : `has ${first.seeds.length} of your songs, among them ${named}`;
    const which = quoted(nameOfPlaylist(first.playlist));
    const sentence =
      evidence.shared === 1
        ? `Because a playlist like your songs holds it: ${which} ${among}.`
        : `Because ${evidence.shared} playlists with songs of yours hold it; the one most like them, ${which}, ${among}.`;
    return { sentence, seed };
  },
  'co-occurrence': (grounds, context) => beside(grounds, context, 'it stands beside'),
  ease: (grounds, context) => beside(grounds, context, 'it is what completes playlists with'),
  factors: (grounds, context) =>
    beside(grounds, context, 'it lies near your songs in what tells playlists apart, as does'),
  artists: byArtist,
  'audio-features': bySound,
};

function byArtist({ track, seeds, evidence, seedOfRow }: Grounds, context: ReasonContext): BlendReason | undefined {
  const [artist] = track.artists;
  if (artist === undefined) return undefined;
  const own = seeds.filter((seed) => seed.artists[0] !== undefined && isSame(seed.artists[0], artist));
  const seed = own[0] ?? (evidence.seeds[0] && seedOfRow(evidence.seeds[0].row));
  if (seed === undefined) return undefined;
  const named = `${own.length > 0 ? seed.title : nameOf(seed)}, which ${did(seed, context)}`;
  if (own.length === 0)
    return {
      sentence: `Because ${artist} stands in playlists with artists you play, among them that of ${named}.`,
      seed,
    };
  return {
    sentence: `Because it is by ${artist}, as is ${named}${own.length > 1 ? `, and ${own.length - 1} more of your songs` : ''}.`,
    seed,
  };
}

function bySound({ sound }: Grounds, context: ReasonContext): BlendReason | undefined {
  if (sound === undefined) return undefined;
  const { seed, similarity } = sound;
  return {
    sentence: `Because it sounds like ${nameOf(seed)}, which ${did(seed, context)} (audio features, similarity ${twoDigits(similarity)}).`,
    seed,
  };
}

function byVectors({ nearest }: Grounds, context: ReasonContext): BlendReason {
  return { sentence: reasonFor(nearest?.seed, nearest?.similarity, context), seed: nearest?.seed };
}

function beside(
  { evidence, seedOfRow, nameOfPlaylist }: Grounds,
  context: ReasonContext,
  how: string,
): BlendReason | undefined {
  const [first] = evidence.seeds;
  const seed = first && seedOfRow(first.row);
  if (first === undefined || seed === undefined) return undefined;
  const example = evidence.playlists.find(({ seeds }) => seeds.includes(first.row));
  const where = example === undefined ? '' : `, for example in ${quoted(nameOfPlaylist(example.playlist))}`;
  const share =
    first.together === first.holders && first.holders > 1
      ? `in all ${first.holders} playlists that hold that one`
      : `in ${first.together} of the ${counted(first.holders, 'playlist')} that hold that one`;
  const only = first.holders === 1 ? 'in the one playlist that holds that one' : share;
  return {
    sentence: `Because ${how} ${nameOf(seed)}, which ${did(seed, context)}: the two are together ${only}${where}.`,
    seed,
  };
}

function nameOf(seed: Seed): string {
  return `${seed.title} by ${seed.artists[0] ?? 'an unnamed artist'}`;
}

function quoted(name: string): string {
  return name.trim() === '' ? 'one without a name' : `“${name.trim()}”`;
}

function isSame(a: string, b: string): boolean {
  return (normaliseName(a) || a) === (normaliseName(b) || b);
}

function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function formatCount(count: number): string {
  return count.toLocaleString('en-GB');
}
