import { isAscii, isUtf8 } from 'node:buffer';
import { decodeText } from '../base/text-encoding.ts';

/** Some rows of a vector file. */
export interface VectorRows {
  readonly tokens: readonly string[];
  /** tokens.length x d, row-major. */
  readonly values: Float32Array;
}

/** What a vector file is, as far as its beginning tells. */
export interface VectorFileShape {
  readonly format: 'word2vec-text' | 'word2vec-binary';
  /** d */
  readonly dimensions: number;
  /** Vectors that its first line promises; absent: it has no such line. */
  readonly promised?: number;
}

/** Rows being collected, n unknown at the start. */
export class RowsBuilder {
  readonly tokens: string[] = [];
  private readonly dimensions: number;
  private values: Float32Array;

  constructor(dimensions: number, rows: number) {
    this.dimensions = dimensions;
    this.values = new Float32Array(Math.max(1, rows) * dimensions);
  }

  /** Where the next row's numbers go (d); they count when `add` gives them a token. */
  next(): Float32Array {
    const at = this.tokens.length * this.dimensions;
    if (at + this.dimensions > this.values.length) {
      const more = new Float32Array(this.values.length * 2);
      more.set(this.values);
      this.values = more;
    }
    return this.values.subarray(at, at + this.dimensions);
  }

  add(token: string): void {
    this.tokens.push(token);
  }

  finish(): VectorRows {
    return { tokens: this.tokens, values: this.values.subarray(0, this.tokens.length * this.dimensions) };
  }
}

/** A token as text. word2vec.c cuts long ones, within a letter too: the rest of it is lost. Other bytes are read as Windows-1252. */
export function decodeToken(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  // One letter beyond ASCII at the very end may as well be of another encoding.
  const whole = [1, 2, 3].map((cut) => bytes.subarray(0, -cut)).find((start) => isUtf8(start));
  return whole !== undefined && !isAscii(whole) ? whole.toString('utf8') : decodeText(bytes);
}
