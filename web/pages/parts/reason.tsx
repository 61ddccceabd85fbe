/**
 * Owns saying why a dub failed or waits in the language of whoever looks. There are many such words: a browser fetches them when there
 * is something to say, and until then what the box has drawn stands. Never holds a word itself.
 */
import type {ComponentChildren} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import type {FailureShown, Waits} from '../../../appliance/api/shapes.ts';
import {useAround} from '../around.tsx';

type Words = Pick<typeof import('./reason.words.ts'), 'failureText' | 'waitText'>;

let words: Words | null = null;

/** For the box, which has them from the start. */
export function haveReasons(all: Words): void {
  words = all;
}

export function FailureReason({failure}: {readonly failure: FailureShown}) {
  const {language} = useAround();
  const {because, what: english, fix: inEnglish} = failure;
  return (
    <Reason>
      {all => {
        const [what, fix] = all?.failureText(because, language) ?? [english, inEnglish];
        return (
          <>
            {what} <small>{fix}</small>
          </>
        );
      }}
    </Reason>
  );
}

export function WaitReason({waits}: {readonly waits: Waits}) {
  const {language, now} = useAround();
  return <Reason>{all => <small>{all?.waitText(waits.because, language, now) ?? waits.what}</small>}</Reason>;
}

/** Nothing of its own: a browser that takes over what the box has drawn leaves what stands in it. */
const asDrawn = {__html: ''};

function Reason({children}: {readonly children: (words: Words | null) => ComponentChildren}) {
  const [has, setHas] = useState<'none' | 'words' | 'english'>(words === null ? 'none' : 'words');
  useEffect(() => {
    if (words !== null) return;
    import('./reason.words.ts').then(
      all => {
        words = all;
        setHas('words');
      },
      // A box that is newer has other files: its own English will do.
      () => setHas('english'),
    );
  }, []);
  if (has === 'none') return <span dangerouslySetInnerHTML={asDrawn} />;
  return <span>{children(words)}</span>;
}
