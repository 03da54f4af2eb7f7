import { NUMBER_BYTES, writeNumber } from './float-text.ts';

const [SPACE, TAB, NEWLINE] = [0x20, 0x09, 0x0a];

/** Vectors with a token each, to write: n rows, d dimensions. */
export interface TokenVectors {
  readonly rows: number;
  readonly dimensions: number;
  /** n x d, row-major. */
  readonly values: Float32Array;
  /** Of every row another. In word2vec's formats without blanks and line ends: no reader but ours takes those. */
  token(row: number): string;
}

const PART_BYTES = 1 << 20;

/** Told how many rows are written, once a part. */
export type OnRows = (done: number) => void;

/** word2vec's binary format as gensim writes it: a first line "n d", then token, space and d little-endian f32, no line ends. */
export function* binaryParts(vectors: TokenVectors, onRows?: OnRows): Generator<Uint8Array> {
  const { rows, dimensions, values, token } = vectors;
  yield Buffer.from(`${rows} ${dimensions}\n`);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  yield* filled(rows, onRows, (row, part) => {
    part.text(token(row), SPACE);
    part.bytes(bytes.subarray(row * dimensions * 4, (row + 1) * dimensions * 4));
  });
}

/** word2vec's text format: a first line "n d", then a line a vector. Numbers read back as the same f32. */
export function* textParts(vectors: TokenVectors, onRows?: OnRows): Generator<Uint8Array> {
  const { rows, dimensions, values, token } = vectors;
  yield Buffer.from(`${rows} ${dimensions}\n`);
  yield* filled(rows, onRows, (row, part) => {
    part.text(token(row), SPACE);
    part.numbers(values, row * dimensions, dimensions, SPACE);
  });
}

/** Numbers alone, a line a vector, tabs between them: vectors.tsv of the Embedding Projector. */
export function* tabbedParts(vectors: Omit<TokenVectors, 'token'>, onRows?: OnRows): Generator<Uint8Array> {
  const { rows, dimensions, values } = vectors;
  yield* filled(rows, onRows, (row, part) => part.numbers(values, row * dimensions, dimensions, TAB));
}

/** Rows written one after another, in parts of about a megabyte. */
function* filled(
  rows: number,
  onRows: OnRows | undefined,
  write: (row: number, part: Part) => void,
): Generator<Uint8Array> {
  const part = new Part();
  for (let row = 0; row < rows; row++) {
    write(row, part);
    if (part.length < PART_BYTES) continue;
    yield part.take();
    onRows?.(row + 1);
  }
  if (part.length > 0) yield part.take();
  onRows?.(rows);
}

class Part {
  length = 0;
  private buffer = Buffer.allocUnsafe(PART_BYTES * 2);

  text(text: string, end: number): void {
    this.makeRoom(text.length * 3 + 1);
    this.length += this.buffer.write(text, this.length, 'utf8');
    this.buffer[this.length++] = end;
  }

  bytes(bytes: Uint8Array): void {
    this.makeRoom(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** `count` numbers of `values`, `between` each two, a line end after the last. */
  numbers(values: Float32Array, from: number, count: number, between: number): void {
    this.makeRoom(count * (NUMBER_BYTES + 1));
    for (let i = 0; i < count; i++) {
      this.length = writeNumber(this.buffer, this.length, values[from + i]!);
      this.buffer[this.length++] = between;
    }
    this.buffer[this.length - 1] = NEWLINE;
  }

  take(): Uint8Array {
    const taken = this.buffer.subarray(0, this.length);
    this.buffer = Buffer.allocUnsafe(this.buffer.length);
    this.length = 0;
    return taken;
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const more = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.length + bytes));
    more.set(this.buffer.subarray(0, this.length));
    this.buffer = more;
  }
}
