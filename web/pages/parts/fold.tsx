/** Owns one section of a long page: closed until somebody wants it, and found by its heading. */
import type {ComponentChildren} from 'preact';
import {useEffect, useRef} from 'preact/hooks';

export interface FoldParts {
  readonly id: string;
  readonly title: string;
  /** A word beside the title: how many, how it stands. */
  readonly note?: string;
  readonly isOpen?: boolean;
  /** What is not asked for until somebody wants it. */
  readonly onOpen?: () => void;
  readonly children: ComponentChildren;
}

export function Fold({id, title, note, isOpen = false, onOpen, children}: FoldParts) {
  const box = useRef<HTMLDetailsElement>(null);
  // An address that names the section leads into it.
  useEffect(() => {
    if (box.current !== null && (isOpen || location.hash === `#${id}`)) box.current.open = true;
  }, [id, isOpen]);
  return (
    <details
      class="fold"
      id={id}
      ref={box}
      open={isOpen}
      onToggle={event => event.currentTarget.open && onOpen?.()}
    >
      <summary>
        <h2>{title}</h2>
        {note !== undefined && <span class="quiet">{note}</span>}
      </summary>
      <div class="inner">{children}</div>
    </details>
  );
}
