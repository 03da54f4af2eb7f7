import { styleText } from 'node:util';
import stringWidth from 'string-width';

type Style = Parameters<typeof styleText>[0];

/** `text` in a style where the terminal shows colours. */
export function paint(terminal: { readonly colour: boolean }, style: Style, text: string): string {
  return terminal.colour ? styleText(style, text, { validateStream: false }) : text;
}

/** Rows as aligned columns, two spaces apart; numbers to the right; the last column is cut to the terminal's width. */
export function table(rows: readonly (readonly (string | number)[])[], width: number): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const cell = (value: string | number | undefined) =>
    typeof value === 'number' ? formatNumber(value) : (value ?? '');
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => stringWidth(cell(row[column])))),
  );
  return rows.map((row) => {
    const cells = row.map((value, column) => {
      const text = cell(value);
      const gap = ' '.repeat(Math.max(0, widths[column]! - stringWidth(text)));
      return typeof value === 'number' ? gap + text : text + gap;
    });
    return cut(cells.join('  ').trimEnd(), width);
  });
}

// A colour or style as `paint` writes it; it takes no room on the screen.
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a style is made of
const STYLE = /\u001b\[[\d;]*m/y;

/** `text` shortened to `width` columns, with an ellipsis when something was left out; styles are kept and ended. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (let at = 0; at < text.length; ) {
    STYLE.lastIndex = at;
    const style = STYLE.exec(text)?.[0];
    const piece = style ?? String.fromCodePoint(text.codePointAt(at)!);
    at += piece.length;
    used += style === undefined ? stringWidth(piece) : 0;
    if (used > width - 1) break;
    kept += piece;
  }
  return kept.includes('\u001b') ? `${kept}…\u001b[0m` : `${kept}…`;
}

/** `text` in lines of at most `width` characters, broken between words. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** 1234567 as "1,234,567"; at most three decimals. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/** A count with its noun: "1 play", "2,345 plays". */
export function plural(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** 1234567 as "1.2 MB". */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}

/** Milliseconds in words a person reads: "0.4 s", "3 min 20 s", "2 h 5 min", "3 days". */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / 1440)} days`;
}

/** A moment in the owner's time zone: "Mon 23 Nov 2026, 06:00". */
export function formatTime(time: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
    .format(time)
    .replace(',', '');
}
