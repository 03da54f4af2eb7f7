import type { Context } from 'hono';
import { refuse } from './refusal.ts';

export interface Paging {
  readonly limit: number;
  readonly offset: number;
}

export interface PagingRules {
  readonly defaultLimit: number;
  readonly maxLimit: number;
  readonly minLimit?: number;
  readonly maxOffset?: number;
}

export const USUAL_PAGING: PagingRules = { defaultLimit: 20, maxLimit: 50, maxOffset: 100_000 };

/** `limit` and `offset` of the call; 400 where they are not whole numbers within the rules. */
export function readPaging(c: Context, rules: PagingRules = USUAL_PAGING): Paging {
  const limit = readWhole(c.req.query('limit'), rules.defaultLimit);
  const offset = readWhole(c.req.query('offset'), 0);
  if (!(limit >= (rules.minLimit ?? 1) && limit <= rules.maxLimit)) throw refuse(400, 'Invalid limit');
  if (!(offset >= 0 && offset <= (rules.maxOffset ?? 100_000))) throw refuse(400, 'Invalid offset');
  return { limit, offset };
}

/** The number in a query parameter, `fallback` where it is absent, NaN where it is not a whole number. */
export function readWhole(text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** Spotify's paging object. `address` is the full URL without limit and offset; it may hold a query. */
export function pageOf<Row, Shown>(
  address: string,
  rows: readonly Row[],
  { limit, offset }: Paging,
  show: (row: Row) => Shown,
) {
  const at = (from: number) => `${address}${address.includes('?') ? '&' : '?'}offset=${from}&limit=${limit}`;
  return {
    href: at(offset),
    items: rows.slice(offset, offset + limit).map(show),
    limit,
    next: offset + limit < rows.length ? at(offset + limit) : null,
    offset,
    previous: offset > 0 ? at(Math.max(0, offset - limit)) : null,
    total: rows.length,
  };
}
