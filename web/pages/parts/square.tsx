/** Owns a square code on a page, for a phone to read. What draws it is fetched when the first one is wanted. */
import {useEffect, useState} from 'preact/hooks';

interface Drawn {
  readonly size: number;
  readonly path: string;
}

/** Light around it, in squares: phones want four. */
const margin = 4;

export function Square({text, label}: {readonly text: string; readonly label: string}) {
  const [drawn, draw] = useState<Drawn | null>(null);
  useEffect(() => {
    let isGone = false;
    void import('../../page-code.ts').then(({squarePath}) => {
      if (!isGone) draw(squarePath(text));
    });
    return () => {
      isGone = true;
    };
  }, [text]);
  const whole = (drawn?.size ?? 0) + 2 * margin;
  return (
    <svg
      class="square code"
      viewBox={`${-margin} ${-margin} ${whole} ${whole}`}
      shape-rendering="crispEdges"
      role="img"
      aria-label={label}
    >
      {drawn !== null && <path d={drawn.path} fill="#000" />}
    </svg>
  );
}
