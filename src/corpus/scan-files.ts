import type { SourceFile } from '../base/source-files.ts';
import { BatchAdder } from './batch-adder.ts';
import type { CorpusWriter } from './corpus-writer.ts';
import { lineParts } from './line-parts.ts';
import type { ScannedFile } from './playlist-batch.ts';
import { type PlaylistCounts, type ReadContext, tally } from './playlist-format.ts';
import { PlaylistScanner, type ScanKind } from './playlist-scanner.ts';
import { type ScanJob, type ScanOrder, ScanPool } from './scan-pool.ts';

/** Files that each thread is given beforehand: so many may have to wait in memory for their turn. */
const AHEAD = 2;

/**
 * Reads files straight into a corpus, in as many threads as the context says, and adds them in their order: the corpus is
 * the same for any number. What only this thread can open (a zip inside another) is read here when its turn comes.
 */
export async function scanFiles(
  kind: ScanKind,
  files: AsyncIterable<SourceFile>,
  context: ReadContext,
  writer: CorpusWriter,
): Promise<PlaylistCounts> {
  const counts = { read: 0, kept: 0, skipped: {} as Record<string, number> };
  const account = (name: string, file: ScannedFile) => {
    counts.read += file.read;
    counts.kept += file.kept;
    for (const [reason, count] of Object.entries(file.skipped)) tally(counts.skipped, reason, count);
    for (const [reason, count] of Object.entries(file.trackNotes)) context.noteTracks(reason, count);
    if (file.problem !== undefined) context.noteProblem(name, file.problem);
  };
  const adder = new BatchAdder(writer);
  let scanner: PlaylistScanner | undefined;
  const scanHere = async (file: SourceFile) => {
    scanner ??= new PlaylistScanner((batch) => adder.add(batch));
    account(file.name, await scanner.scan(kind, file.stream(), () => context.breathe()));
  };
  if (context.threads === 0) {
    for await (const file of files) await scanHere(file);
    return counts;
  }

  await using pool = new ScanPool(context.threads, writer, context.signal, context.onBytes);
  const started: { name: string; job: ScanJob }[] = [];
  const addOldest = async () => {
    const { name, job } = started.shift()!;
    account(name, await job.addAll(context.breathe));
  };
  for await (const file of files) {
    const orders = await ordersOf(kind, file);
    for (const order of orders) {
      started.push({ name: file.name, job: pool.start(order) });
      if (started.length >= context.threads * AHEAD) await addOldest();
    }
    if (orders.length > 0) continue;
    while (started.length > 0) await addOldest();
    await scanHere(file);
  }
  while (started.length > 0) await addOldest();
  return counts;
}

async function ordersOf(kind: ScanKind, file: SourceFile): Promise<ScanOrder[]> {
  const { name, place } = file;
  if (place === undefined) return [];
  const parts = kind === 'lines' ? await lineParts(file) : undefined;
  return parts?.map((part) => ({ kind, name, place, part })) ?? [{ kind, name, place }];
}
