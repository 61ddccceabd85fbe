/** Owns the picture of a few seconds of a film: its loudness, the lines in it, and two grips by which one line's times are dragged. */
import {useRef} from 'preact/hooks';
import type {Rewritten} from '../../../appliance/brief.ts';
import {useWords} from '../around.tsx';
import {clockText} from '../format.ts';
import {columnsOf, rounded} from '../lines.ts';
import {words} from '../views/edit.words.ts';

export interface TimelineParts {
  readonly levels: Uint8Array;
  readonly stepSeconds: number;
  /** The one that is edited. */
  readonly part: Rewritten;
  readonly others: readonly Rewritten[];
  readonly move: (times: {readonly start?: number; readonly end?: number}) => void;
  readonly seek: (seconds: number) => void;
}

const width = 640;
const height = 84;
const columns = 160;
const margin = 4;

export function Timeline({levels, stepSeconds, part, others, move, seek}: TimelineParts) {
  const text = useWords(words);
  const svg = useRef<SVGSVGElement>(null);
  const held = useRef<'start' | 'end' | null>(null);
  // Whole seconds, so that the picture stands still while a grip is dragged.
  const from = Math.max(0, Math.floor(part.start) - margin);
  const to = Math.max(from + 2 * margin, Math.ceil(part.end) + margin);
  const x = (seconds: number): number => ((seconds - from) / (to - from)) * width;
  const secondsAt = (clientX: number): number => {
    const box = svg.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return from;
    return rounded(from + ((clientX - box.left) / box.width) * (to - from));
  };
  const drag = (clientX: number): void => {
    const at = secondsAt(clientX);
    if (held.current === 'start') move({start: Math.min(Math.max(0, at), part.end - 0.2)});
    if (held.current === 'end') move({end: Math.max(at, part.start + 0.2)});
  };
  const wave = columnsOf(levels, stepSeconds, from, to, columns)
    .map((level, i) => {
      const tall = Math.max(1, level * (height - 16));
      return `M${(((i + 0.5) * width) / columns).toFixed(1)} ${(height - 2 - tall).toFixed(1)}v${tall.toFixed(1)}`;
    })
    .join('');
  const grip = (side: 'start' | 'end') => (
    <rect
      class="grip"
      x={x(part[side]) - 12}
      y={0}
      width={24}
      height={height - 2}
      onPointerDown={event => {
        held.current = side;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.stopPropagation();
      }}
    />
  );
  return (
    <div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: times can be typed beside it, and the film has keys of its own */}
      <svg
        ref={svg}
        class="timeline"
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={text.timeline}
        onPointerMove={event => held.current !== null && drag(event.clientX)}
        onPointerUp={() => {
          held.current = null;
        }}
        onPointerCancel={() => {
          held.current = null;
        }}
        onClick={event => held.current === null && seek(secondsAt(event.clientX))}
      >
        <path class="wave" d={wave} />
        {others
          .filter(other => other.end > from && other.start < to)
          .map(other => (
            <rect
              class="other"
              key={other.start}
              x={x(other.start)}
              y={4}
              width={x(other.end) - x(other.start)}
              height={height - 8}
            />
          ))}
        <rect
          class="own"
          x={x(part.start)}
          y={2}
          width={Math.max(2, x(part.end) - x(part.start))}
          height={height - 4}
        />
        <path class="edge" d={`M${x(part.start)} 2v${height - 4}M${x(part.end)} 2v${height - 4}`} />
        {grip('start')}
        {grip('end')}
      </svg>
      <div class="ends quiet">
        <span>{clockText(from)}</span>
        <span>{clockText(to)}</span>
      </div>
    </div>
  );
}
