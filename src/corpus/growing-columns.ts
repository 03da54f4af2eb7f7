const encoder = new TextEncoder();

/** Whole numbers below 2^32, one after another: a quarter of the memory of a JS array, and ready to be written. */
export class GrowingNumbers {
  #numbers = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) this.#numbers = grown(this.#numbers, this.#length + 1);
    this.#numbers[this.#length++] = number;
  }

  at(index: number): number {
    return this.#numbers[index]!;
  }

  set(index: number, number: number): void {
    this.#numbers[index] = number;
  }

  /** The numbers in place, valid until the next one is pushed. */
  get values(): Uint32Array {
    return this.#numbers.subarray(0, this.#length);
  }
}

/** UTF-8 texts one after another, and where each ends. */
export class GrowingTexts {
  readonly #ends = new GrowingNumbers();
  #bytes = new Uint8Array(16 * 1024);
  #length = 0;

  push(text: string): void {
    this.#reach(this.#length + text.length * 3);
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
    this.#ends.push(this.#length);
  }

  pushBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#reach(this.#length + end - start);
    for (let at = start; at < end; at++) this.#bytes[this.#length++] = bytes[at]!;
    this.#ends.push(this.#length);
  }

  /** In place, valid until the next one is pushed. */
  get values(): { ends: Uint32Array; bytes: Uint8Array } {
    return { ends: this.#ends.values, bytes: this.#bytes.subarray(0, this.#length) };
  }

  #reach(length: number): void {
    if (length > this.#bytes.length) this.#bytes = grown(this.#bytes, length);
  }
}

/** A copy with room for at least `length`, and twice as much as before. */
export function grown<T extends Uint8Array | Uint32Array>(array: T, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(array.length * 2, length));
  larger.set(array);
  return larger;
}
