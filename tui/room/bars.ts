/** Owns the small pictures of figures: bars, and lines of what was. Pure. */
import type {Line} from './text.ts';
import {span} from './text.ts';
import type {Tone} from './theme.ts';

const eighths = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A share of 0 to 1 in that many columns, with its percent behind it. */
export function bar(share: number, columns: number, tone: Tone = 'busy'): Line {
  const held = Math.max(0, Math.min(1, share));
  const parts = Math.round(held * columns * 8);
  const whole = Math.floor(parts / 8);
  const full = '█'.repeat(whole) + (whole < columns ? (eighths[parts % 8] ?? ' ') : '');
  return [
    span('▕', 'dim'),
    span(full.padEnd(columns), tone),
    span('▏', 'dim'),
    span(`${String(Math.floor(held * 100)).padStart(3)} %`),
  ];
}

/** The last of some figures, the highest of them full. */
export function spark(figures: readonly number[], columns: number): string {
  const shown = figures.slice(-columns);
  const most = Math.max(...shown, Number.MIN_VALUE);
  return shown.map(figure => heights[Math.min(7, Math.floor((figure / most) * 7.99))] ?? '▁').join('');
}

/** How bad it is that so much is taken. */
export function toneOf(share: number): Tone {
  if (share > 0.95) return 'bad';
  return share > 0.85 ? 'warn' : 'good';
}
