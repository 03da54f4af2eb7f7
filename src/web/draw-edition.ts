import type { EditionHeadView, EditionView } from '../api/contract.ts';
import { byId, type Child, element, patch } from './element.ts';
import { counted, day, moment, number } from './format.ts';

/** Songs shown before "Show all": as many as fit beside the runs. */
const FIRST = 10;

const RULES: Readonly<Record<string, string>> = {
  heard: 'heard before',
  liked: 'liked already',
  'recommended-lately': 'recommended lately',
  'heard-lately': 'heard lately',
  'never-heard': 'never heard before',
  'not-liked': 'not liked',
  'in-playlist': 'in the playlist already',
  'artist-known': 'by an artist heard before',
  'artist-unknown': 'by an artist never heard',
  'artist-limit': 'more by an artist who is in',
  'same-recording': 'other versions of a song that is in',
  'not-playable': 'not playable',
  unnamed: 'without title or artist',
  'artist-left-out': 'by an artist left out by your rules',
  'track-left-out': 'left out by your rules',
  explicit: 'explicit',
};

/** The playlist with its reasons; null: there is none yet. `all` shows every song of a long one. */
export function drawEdition(edition: EditionView | null, editions: readonly EditionHeadView[], all: boolean): void {
  const { publication } = edition ?? {};
  patch(byId('edition-title'), [publication?.name ?? edition?.title ?? 'The playlist']);
  patch(byId('edition-summary'), edition ? summary(edition) : []);
  const songs = edition ? (all ? edition.items : edition.items.slice(0, FIRST)) : [];
  patch(byId('edition'), songs.map(drawSong));
  patch(byId('edition-more'), edition ? more(edition, all) : [nothingYet()]);
  patch(byId('editions'), drawEditions(editions, edition?.id));
}

function summary(edition: EditionView): Child[] {
  const { publication, length, seedsFound, seedsTotal } = edition;
  const verified = publication?.verifiedAt;
  return [
    element(
      'p',
      { class: 'row' },
      publication
        ? element('span', { class: 'status succeeded' }, verified ? '✓ in your account' : 'in your account')
        : element('span', { class: 'status queued' }, 'draft'),
      publication && element('a', { href: publication.url, rel: 'noreferrer' }, 'Open the playlist'),
    ),
    element(
      'p',
      { class: 'small quiet' },
      `${counted(length, 'song')}, made ${moment(edition.createdAt)} from ${number(seedsFound)} of ${number(seedsTotal)} songs you played lately`,
      verified
        ? '; read back from the account and found as meant.'
        : publication
          ? '.'
          : '; publish puts it into your account.',
    ),
  ];
}

function drawSong({
  trackId,
  title,
  artists,
  url,
  reason,
  position,
  shares,
}: EditionView['items'][number]): HTMLElement {
  const name = element('strong', { dir: 'auto' }, title);
  return element(
    'li',
    { 'data-key': `${position} ${trackId}` },
    element('div', {}, url ? element('a', { href: url, rel: 'noreferrer' }, name) : name, ` ${artists.join(', ')}`),
    element('div', { class: 'small quiet' }, reason),
    shares !== null && element('div', { class: 'shares small quiet' }, `Recommended by ${sharesInWords(shares)}`),
  );
}

/** "neighbours 41 %, ease 23 %": the first won the place. What is under half a percent is left out. */
function sharesInWords(shares: NonNullable<EditionView['items'][number]['shares']>): string {
  return shares
    .filter(({ share }) => share >= 0.005)
    .map(({ recommender, share }) => `${recommender} ${Math.round(100 * share)} %`)
    .join(', ');
}

function more({ items, rejected }: EditionView, all: boolean): Child[] {
  return [
    items.length > FIRST &&
      element(
        'button',
        {
          type: 'button',
          class: 'soft',
          'data-show-all': !all,
          'data-show-first': all,
          'aria-expanded': String(all),
          'aria-controls': 'edition',
        },
        all ? `Show the first ${FIRST}` : `Show all ${number(items.length)} songs`,
      ),
    rejected.length > 0 &&
      element(
        'p',
        { class: 'small quiet' },
        `Left out: ${rejected.map(({ rule, count }) => `${number(count)} ${RULES[rule] ?? rule}`).join(', ')}.`,
      ),
  ];
}

function nothingYet(): HTMLElement {
  return element(
    'p',
    { class: 'empty' },
    'There is no playlist yet. The pipeline weekly makes the first one, with a reason for every song.',
  );
}

function drawEditions(editions: readonly EditionHeadView[], shown: number | undefined): Child[] {
  if (editions.length < 2) return [];
  return [
    element(
      'details',
      { 'data-key': 'editions' },
      element('summary', {}, `All ${counted(editions.length, 'edition')}`),
      element(
        'ul',
        { class: 'plain small' },
        ...editions.map((edition) =>
          element(
            'li',
            { 'data-key': String(edition.id) },
            element(
              'a',
              { href: `#edition-${edition.id}`, 'aria-current': edition.id === shown && 'true' },
              edition.title,
            ),
            ` ${counted(edition.length, 'song')}, ${day(edition.createdAt)}${edition.status === 'draft' ? ', draft' : ''}`,
          ),
        ),
      ),
    ),
  ];
}
