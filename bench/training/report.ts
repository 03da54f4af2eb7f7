import { cpus, loadavg } from 'node:os';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** What every figure must be read with. */
export function sayMachine(): void {
  const model = cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `${cpus().length} x ${model}, load ${loadavg()[0]!.toFixed(1)} before the start, Node ${process.version}`,
  );
}

/** Prints a table as Markdown, to be taken over as it is. */
export function printTable(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  console.log(`\n| ${columns.join(' | ')} |\n|${columns.map(() => '---|').join('')}`);
  for (const row of rows) console.log(`| ${columns.map((column) => row[column] ?? '').join(' | ')} |`);
}

export function thousands(value: number): string {
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)}M` : `${Math.round(value / 1e3)}k`;
}
