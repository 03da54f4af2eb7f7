import { InvalidArgumentError } from 'commander';

// The database's integers; run numbers and counts beyond it do not exist.
const LARGEST = 2_147_483_647;

/** Parsers of option values; what they throw becomes "used wrongly" with exit code 2. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > LARGEST)
    throw new InvalidArgumentError(`It must be a whole number, at most ${LARGEST}.`);
  return value;
}

export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

export function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return value;
}

export function decimalNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function positiveDecimal(text: string): number {
  const value = decimalNumber(text);
  if (value <= 0) throw new InvalidArgumentError('It must be more than 0.');
  return value;
}

export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through to the one message for everything that is not an object.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"length": 50}\'.');
}

/** --set parameter=value, which may come again. */
export function collectValue(
  text: string,
  before: { readonly [name: string]: string } | undefined,
): { [name: string]: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be parameter=value, such as year=2021.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** A number from 0 to 1. */
export function dialNumber(text: string): number {
  const value = decimalNumber(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError('It must be from 0 to 1.');
  return value;
}
