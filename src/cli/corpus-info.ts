import { join } from 'node:path';
import type { App } from '../app.ts';
import { ExpectedError } from '../base/errors.ts';
import { turnTaker } from '../corpus/breathing.ts';
import { openCorpus } from '../corpus/corpus-file.ts';
import { type MinCountRow, profileCounts, profileLengths } from '../corpus/corpus-profile.ts';
import { findPlayed, knownInVocabulary, shareOfPlays } from '../corpus/coverage.ts';
import { latestCorpus, type StoredCorpus } from '../store/corpora.ts';
import { readPlayedTracks } from '../store/corpus-inputs.ts';
import { listModels } from '../store/models.ts';
import { readSettings } from '../vectors/settings.ts';
import type { CommandContext, CommandResult } from './command.ts';
import { formatBytes, formatDuration, formatNumber, formatTime, paint, table } from './format.ts';

/** Every figure of `segue corpus info`: one corpus, the training one unless a source is named. */
export async function showCorpusInfo(name: string | undefined, context: CommandContext): Promise<CommandResult> {
  const app = await context.app();
  const stored = await latestCorpus(app.store.db, name === undefined ? 'training' : 'source', name);
  if (stored === undefined) throw noCorpus(name);
  const { terminal } = context;
  const corpus = await openCorpus(join(app.config.dataDir, stored.path));
  const vocabulary = await corpus.readVocabulary();
  const lengths = profileLengths(await corpus.readOffsets());
  const played = await readPlayedTracks(app.store.db);
  const breathe = turnTaker(terminal.signal);
  const found = await findPlayed(knownInVocabulary(vocabulary), played, breathe);
  const model = await lastTraining(app, stored);
  const rows = profileCounts(vocabulary.counts).map((row) => ({
    ...row,
    playsCovered: shareOfPlays(played, (i) => found[i]! >= 0 && found[i]! < row.tracks),
    trainingBytes: trainingBytes(row, stored, model.dimensions),
    trainingSeconds: model.rate === undefined ? null : (row.tokens * model.epochs) / model.rate,
  }));
  const best = Array.from({ length: Math.min(5, vocabulary.size) }, (_, index) => ({
    ...vocabulary.entry(index),
    artists: [...vocabulary.entry(index).artists],
    count: vocabulary.counts[index]!,
  }));
  const { parts, counts } = corpus.manifest;
  return {
    json: {
      corpus: stored.name,
      fingerprint: stored.fingerprint,
      createdAt: stored.createdAt.toISOString(),
      counts: { ...counts },
      lengths: lengths ? { ...lengths } : null,
      minCounts: rows,
      mostFrequent: best,
      parts: parts.map((part) => ({ ...part, fingerprint: part.fingerprint ?? null })),
      estimatedFor: { dimensions: model.dimensions, epochs: model.epochs },
    },
    lines: [
      `${paint(terminal, 'bold', stored.name)} of ${formatTime(stored.createdAt, app.config.timeZone)}: ${formatNumber(counts.playlists)} playlists with ${formatNumber(counts.tokens)} songs in them, ${formatNumber(counts.tracks)} different.`,
      ...(lengths
        ? [
            `Playlists have ${formatNumber(lengths.shortest)} to ${formatNumber(lengths.longest)} songs: half of them up to ${formatNumber(lengths.median)}, a tenth up to ${formatNumber(lengths.tenth)}, nine tenths up to ${formatNumber(lengths.ninetieth)}; ${formatNumber(Math.round(lengths.mean))} on average.`,
          ]
        : []),
      ...(best[0]
        ? [
            `Most often: ${best.map((track) => `${track.artists[0] ?? ''} - ${track.title} (${formatNumber(track.count)})`).join(', ')}.`,
          ]
        : []),
      '',
      `What stays with a minimum count (train-vectors --min-count), and what training would take with ${model.dimensions} dimensions and ${model.epochs} epochs:`,
      ...table(
        [
          ['at least', 'songs', 'share', 'in playlists', 'share', 'of your plays', 'memory', 'time'],
          ...rows.map((row) => [
            formatNumber(row.minCount),
            row.tracks,
            percent(row.tracks / vocabulary.size),
            row.tokens,
            percent(row.tokens / Math.max(1, rows[0]!.tokens)),
            row.playsCovered === null ? '' : percent(row.playsCovered),
            formatBytes(row.trainingBytes),
            row.trainingSeconds === null ? '' : formatDuration(row.trainingSeconds * 1000),
          ]),
        ],
        terminal.width,
      ),
      ...(model.rate === undefined
        ? ['How long it takes is known after the first train-vectors on this machine.']
        : []),
      ...(parts.length > 0
        ? [
            '',
            ...table(
              [
                ['source', 'format', 'playlists', 'songs in them', 'different', 'new', 'left out'],
                ...parts.map((part) => [
                  part.name,
                  part.format,
                  part.playlists,
                  part.tokens,
                  part.tracks,
                  part.newTracks,
                  Object.entries(part.skipped)
                    .map(([reason, count]) => `${formatNumber(count)} ${reason}`)
                    .join(', '),
                ]),
              ],
              terminal.width,
            ),
          ]
        : []),
    ],
    next: name === undefined ? 'segue train-vectors' : 'segue build-corpus',
  };
}

/** Dimensions and epochs of the model trained last, else the defaults; tokens a second, where one was trained. */
async function lastTraining(
  { store }: App,
  corpus: StoredCorpus,
): Promise<{ dimensions: number; epochs: number; rate?: number }> {
  const defaults = readSettings({}, corpus);
  const model = (await listModels(store.db)).find(({ algorithm }) => algorithm !== 'imported');
  const { tokens, seconds } = (model?.metrics ?? {}) as { tokens?: number; seconds?: number };
  const settings = (model?.settings ?? {}) as { epochs?: number };
  return {
    dimensions: model?.dimensions ?? defaults.dimensions,
    epochs: settings.epochs ?? defaults.epochs,
    ...(tokens && seconds ? { rate: tokens / seconds } : {}),
  };
}

/** Two matrices of four-byte numbers; tokens, playlists and the tracks of the whole corpus, four bytes each, stay beside them. */
function trainingBytes(row: MinCountRow, corpus: StoredCorpus, dimensions: number): number {
  const stride = Math.ceil(dimensions / 4) * 4;
  return row.tracks * stride * 8 + (corpus.tokens + 2 * corpus.playlists + 4 * corpus.tracks) * 4;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function noCorpus(name: string | undefined): ExpectedError {
  return name === undefined
    ? new ExpectedError('no-corpus', 'There is no training corpus yet.', {
        why: 'build-corpus has not put one together.',
        hint: 'Run segue import-playlists and segue build-corpus, or name a source: segue corpus info <source>.',
      })
    : new ExpectedError('no-corpus', `There is no source called ${name}.`, {
        why: 'import-playlists has made none of that name.',
        hint: 'segue corpus lists the sources.',
      });
}
