import { allHolders } from '../playlist-matrix.ts';
import { excludedBy, NO_KNOWLEDGE, type RecommenderKind } from '../recommender.ts';
import { bestOf } from '../score-board.ts';

/** What stands in the most playlists, whatever the seeds: the floor that everything else must be above. */
export const popular: RecommenderKind = {
  name: 'popular',
  summary: 'The songs that stand in the most playlists, whatever you listen to.',
  fit: async () => NO_KNOWLEDGE,
  open: async ({ playlists }) => {
    const counts = allHolders(playlists);
    const rows = Uint32Array.from(counts.keys()).filter((row) => counts[row]! > 0);
    return {
      candidates: async (question, k) => bestOf(rows, counts, k, excludedBy(question)),
      close: async () => {},
    };
  },
};
