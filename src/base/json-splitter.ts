import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  isSpace,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
} from './json-syntax.ts';

/** Complete values: `bounds` holds start and end of each in `buffer`, `offset` is where the buffer lies in the text. */
export interface Items {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly bounds: readonly number[];
}

/** How the text ended before its array did. */
export interface Unended {
  readonly kind: 'truncated' | 'no-array';
  readonly at: number;
  readonly why: string;
}

/** Finds where the values of the array begin and end, chunk by chunk, without looking at what they are. */
export class ArraySplitter {
  readonly #key: string | undefined;
  #state: 'before' | 'object' | 'array' | 'after' | 'none' = 'before';
  #buffer: Buffer = Buffer.alloc(0);
  /** Bytes of the text before `#buffer`. */
  #offset = 0;
  /** Where scanning goes on in `#buffer`. */
  #next = 0;
  #depth = 0;
  #inString = false;
  /** Start of the value being read in `#buffer`, -1 between values. */
  #start = -1;
  /** In the top-level object: the last string, and whether a colon followed it. */
  #name = '';
  #afterColon = false;

  constructor(key: string | undefined) {
    this.#key = key;
  }

  get pendingBytes(): number {
    return this.#buffer.length;
  }

  get at(): number {
    return this.#offset + Math.max(0, this.#start);
  }

  push(chunk: Buffer): Items {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    const buffer = this.#buffer;
    const offset = this.#offset;
    const bounds: number[] = [];
    if (this.#state === 'before') this.#findRoot();
    if (this.#state === 'object') this.#findKey();
    if (this.#state === 'array') this.#split(bounds);
    // Keep only what may still belong to an unfinished value.
    const keepFrom = this.#start >= 0 ? this.#start : this.#next;
    this.#buffer = buffer.subarray(keepFrom);
    this.#offset += keepFrom;
    this.#next -= keepFrom;
    if (this.#start >= 0) this.#start = 0;
    if (this.#state === 'after' || this.#state === 'none') {
      this.#offset += this.#buffer.length;
      this.#buffer = Buffer.alloc(0);
      this.#next = 0;
    }
    return { buffer, offset, bounds };
  }

  end(): Unended | undefined {
    switch (this.#state) {
      case 'after':
        return undefined;
      case 'array':
        return { kind: 'truncated', at: this.at, why: 'the text ends before the array is closed' };
      case 'object':
        return { kind: 'truncated', at: this.at, why: `the text ends before "${this.#key}" is found` };
      default:
        return { kind: 'no-array', at: 0, why: 'there is no array of the expected kind' };
    }
  }

  #findRoot(): void {
    while (this.#next < this.#buffer.length && isSpace(this.#buffer[this.#next]!)) this.#next++;
    const byte = this.#buffer[this.#next];
    if (byte === undefined) return;
    this.#next++;
    const wanted = this.#key === undefined ? OPEN_ARRAY : OPEN_OBJECT;
    this.#state = byte !== wanted ? 'none' : this.#key === undefined ? 'array' : 'object';
  }

  /** Walks the top-level object; strings at its first level are keys when a colon follows. */
  #findKey(): void {
    const buffer = this.#buffer;
    for (let i = this.#next; i < buffer.length; i++) {
      const byte = buffer[i]!;
      if (this.#inString) {
        if (byte === BACKSLASH) {
          if (i + 1 === buffer.length) {
            this.#next = i;
            return;
          }
          i++;
        } else if (byte === QUOTE) {
          this.#inString = false;
          if (this.#depth === 0) this.#name = buffer.toString('utf8', this.#start + 1, i);
          this.#start = -1;
        }
      } else if (byte === QUOTE) {
        this.#inString = true;
        this.#start = i;
      } else if (byte === COLON && this.#depth === 0) {
        this.#afterColon = true;
      } else if (byte === COMMA && this.#depth === 0) {
        this.#afterColon = false;
      } else if (byte === OPEN_ARRAY && this.#depth === 0 && this.#afterColon && this.#name === this.#key) {
        this.#state = 'array';
        this.#next = i + 1;
        return;
      } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        this.#depth++;
      } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
        if (this.#depth === 0) {
          this.#state = 'none';
          return;
        }
        this.#depth--;
      }
    }
    this.#next = buffer.length;
  }

  #split(bounds: number[]): void {
    const buffer = this.#buffer;
    const length = buffer.length;
    let depth = this.#depth;
    let inString = this.#inString;
    let start = this.#start;
    let i = this.#next;
    for (; i < length; i++) {
      const byte = buffer[i]!;
      if (inString) {
        if (byte === BACKSLASH) {
          // The escaped byte may be in the next chunk: come back to the backslash then.
          if (i + 1 === length) break;
          i++;
        } else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) {
        inString = true;
        if (start < 0) start = i;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (start < 0) start = i;
        depth++;
      } else if (depth > 0) {
        if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
      } else if (byte === COMMA || byte === CLOSE_ARRAY) {
        if (start >= 0) bounds.push(start, i);
        start = -1;
        if (byte === CLOSE_ARRAY) {
          this.#state = 'after';
          i = length;
          break;
        }
      } else if (start < 0 && !isSpace(byte)) start = i;
    }
    this.#depth = depth;
    this.#inString = inString;
    this.#start = start;
    this.#next = i;
  }
}
