import { parentPort } from 'node:worker_threads';
import { openBytes, readPlace, type SourcePlace } from '../base/source-place.ts';
import { isPlainText, type LinePart } from './line-parts.ts';
import type { PlaylistBatch } from './playlist-batch.ts';
import { PlaylistScanner, type ScanInput } from './playlist-scanner.ts';
import type { MessageFromScanner, ScanOrder } from './scan-pool.ts';
import { failureToSend } from './thread-failure.ts';

// The far side of scan-pool.ts: reads one file after another, and sends what is in them.

const REPORT_BYTES = 4 << 20;

const port = parentPort!;
const send = (message: MessageFromScanner, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

let scanner: PlaylistScanner | undefined;
let queue = Promise.resolve();
port.on('message', (order: ScanOrder) => {
  queue = queue.then(() => carryOut(order));
});

async function carryOut({ kind, name, place, part }: ScanOrder): Promise<void> {
  try {
    scanner ??= new PlaylistScanner(sendBatch);
    let bytes = 0;
    const file = await scanner.scan(kind, openInput(name, place, part), (more) => {
      bytes += more;
      if (bytes < REPORT_BYTES) return;
      send({ bytes });
      bytes = 0;
    });
    send({ bytes });
    send({ file });
  } catch (error) {
    send({ failure: failureToSend(error) });
  }
}

/** Bytes that lie on the disk as they are, are read to where they are scanned; others come by way of readPlace. */
function openInput(name: string, place: SourcePlace, part: LinePart | undefined): ScanInput {
  if (place.kind !== 'file') return readPlace(place, name);
  const { path } = place;
  const head = Buffer.alloc(4);
  const file = openBytes(path);
  try {
    return part || isPlainText(head.subarray(0, file.read(head)))
      ? () => openBytes(path, part)
      : readPlace(place, name);
  } finally {
    file.close();
  }
}

/** The scanner writes over what it gave: what goes out is a copy, which from then on belongs to the other thread. */
function sendBatch({ tokens, playlists, descriptions, texts, newIds }: PlaylistBatch): void {
  const batch = {
    tokens: new Uint32Array(tokens),
    playlists: new Uint32Array(playlists),
    descriptions: new Uint32Array(descriptions),
    texts: new Uint8Array(texts),
    newIds: new Uint8Array(newIds),
  };
  send(
    { batch },
    Object.values(batch).map(({ buffer }) => buffer),
  );
}
