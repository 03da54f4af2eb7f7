import { excludedBy, NO_KNOWLEDGE, NOTHING, type Recommender, type RecommenderKind } from '../recommender.ts';
import { ScoreBoard } from '../score-board.ts';

/** Weeks after which a listen counts half. */
export const HALF_LIFE_WEEKS = 4;

export const recentlyLoved: RecommenderKind = {
  name: 'recently-loved',
  summary: 'What you have played most of late: nothing new, and hard to beat where songs are heard again.',
  fit: async () => NO_KNOWLEDGE,
  open: async ({ playlists }) => openRecentlyLoved(playlists.tracks, HALF_LIFE_WEEKS),
};

/**
 * score(t) = sum over the listens of t of 2^(-weeks ago / half-life). It speaks of the listener alone and learns nothing, so
 * that it needs no song in any playlist. Silent without a history. The counterpart in next-basket recommendation is the
 * "personal top frequency" that few models beat on repeats (Li, Jullien, Ariannezhad and de Rijke 2023, "A next basket
 * recommendation reality check", TOIS).
 */
export function openRecentlyLoved(tracks: number, halfLifeWeeks: number): Recommender {
  const board = new ScoreBoard(tracks);
  return {
    async candidates(question, k) {
      if (question.history === undefined) return NOTHING;
      board.clear();
      for (const { row, plays, weeksAgo } of question.history) board.add(row, plays * 2 ** (-weeksAgo / halfLifeWeeks));
      return board.best(k, excludedBy(question));
    },
    close: async () => {},
  };
}
