import type { ArtistRule, TasteRule, TrackRule } from './taste-rules.ts';

/** A rule in one sentence. */
export function ruleWords(rule: TasteRule): string {
  switch (rule.rule) {
    case 'artist':
      return partWords(rule, `Plays of ${rule.name}`, rule.name);
    case 'track':
      return partWords(rule, `Plays of ${rule.title} by ${rule.artist}`, `${rule.title} by ${rule.artist}`);
    case 'playlist':
      return `Plays from the playlist ${rule.name ?? rule.id} do not count.`;
    case 'hours':
      return `Plays between ${clock(rule.from)} and ${clock(rule.to)} do not count.`;
    case 'weekday':
      return `Plays on ${capital(rule.day)}s do not count.`;
    case 'month':
      return `${capital(rule.month)} does not count, in any year.`;
    case 'period':
      return `Plays ${periodWords(rule)} do not count.`;
    case 'yearly':
      return `Plays from ${dayWords(rule.from)} to ${dayWords(rule.to)} do not count, in any year.`;
    case 'device':
      return `Plays on "${rule.name}" do not count.`;
    case 'skips':
      return 'Skipped plays do not count.';
    case 'private':
      return rule.counts ? 'Private sessions count like other plays.' : 'Private sessions do not count.';
    case 'liked':
      return rule.allowed ? 'Liked songs may come, heard ones too.' : 'Liked songs do not come.';
    case 'explicit':
      return rule.allowed ? 'Explicit songs may come.' : 'Explicit songs do not come.';
    case 'per-artist':
      return `At most ${rule.most} ${rule.most === 1 ? 'song' : 'songs'} by one artist.`;
    case 'not-again':
      if (rule.weeks === 0) return 'A song may come again in the next edition.';
      return `A song does not come again within ${rule.weeks} ${rule.weeks === 1 ? 'week' : 'weeks'}.`;
  }
}

function partWords({ only }: ArtistRule | TrackRule, plays: string, song: string): string {
  if (only === 'plays') return `${plays} do not count.`;
  return only === 'songs' ? `${song} is not recommended.` : `${plays} do not count, and ${song} is not recommended.`;
}

function periodWords({ from, to }: { from?: string | undefined; to?: string | undefined }): string {
  if (from === undefined) return `until ${to}`;
  if (to === undefined) return `since ${from}`;
  return from === to ? `on ${from}` : `from ${from} to ${to}`;
}

function dayWords(dayOfYear: string): string {
  const day = new Date(`2024-${dayOfYear}T00:00:00Z`);
  return day.toLocaleDateString('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long' });
}

function clock(hour: number): string {
  return `${String(hour % 24).padStart(2, '0')}:00`;
}

function capital(word: string): string {
  return `${word[0]!.toUpperCase()}${word.slice(1)}`;
}
