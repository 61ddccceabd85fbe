/** Owns uploads that the box has and this browser does not send: begun elsewhere, or forgotten here. */
import {useState} from 'preact/hooks';
import type {UploadShown} from '../../../appliance/api/upload-shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {bytesText} from '../format.ts';
import type {Wishes} from '../uploads/bring.ts';
import {pairUp} from '../uploads/pairs.ts';
import {drop} from '../uploads/send.ts';
import {words} from '../views/add.words.ts';
import {FailureReason} from './reason.tsx';
import {Sure} from './sure.tsx';
import {FilmFacts} from './upload.tsx';

export interface LeftOverParts {
  readonly uploads: readonly UploadShown[];
  readonly wishes: Wishes;
}

export function LeftOver({uploads, wishes}: LeftOverParts) {
  const {call, say, go, again} = useAround();
  const text = useWords(words);
  const [asked, ask] = useState<UploadShown | null>(null);
  const whole = uploads.filter(each => isWhole(each) && each.refused === null);
  const {pairs} = pairUp(whole);
  const dub = async (film: UploadShown): Promise<void> => {
    const sidecars = pairs.find(pair => pair.film === film)?.sidecars.map(({id}) => id) ?? [];
    const {options, like} = wishes;
    const body = {sidecars, options, ...(like !== null && {like})};
    const answer = await call('uploads.complete', {params: {upload: film.id}, body});
    if (!answer.ok) return say({is: 'trouble', why: answer.why});
    go(`/watch/${answer.value.job.id}`);
  };
  const giveUp = async ({url}: UploadShown): Promise<void> => {
    await drop(url);
    again();
  };
  return (
    <section>
      <h2>{text.leftOver}</h2>
      <ul class="jobs">
        {uploads.map(each => (
          <li key={each.id}>
            <article class="card upload">
              <h3 dir="auto">{each.name}</h3>
              <Standing upload={each} />
              <div class="row">
                {pairs.some(({film}) => film === each) && (
                  <button type="button" onClick={() => void dub(each)}>
                    {text.dubIt}
                  </button>
                )}
                <button type="button" class="plain" onClick={() => ask(each)}>
                  {text.remove}
                </button>
              </div>
            </article>
          </li>
        ))}
      </ul>
      {asked !== null && (
        <Sure
          question={text.sureRemove}
          keep={text.keep}
          go={text.remove}
          answer={isSure => {
            ask(null);
            if (isSure) void giveUp(asked);
          }}
        >
          <p dir="auto">
            <strong>{asked.name}</strong>
          </p>
        </Sure>
      )}
    </section>
  );
}

const isWhole = ({length, offset}: UploadShown): boolean => length === offset;

function Standing({upload}: {readonly upload: UploadShown}) {
  const {language} = useAround();
  const text = useWords(words);
  const {film, refused, length, offset, expires} = upload;
  if (refused !== null)
    return (
      <p class="bad">
        <FailureReason failure={refused} />
      </p>
    );
  const day = new Intl.DateTimeFormat(language, {dateStyle: 'medium', timeZone: 'UTC'}).format(expires);
  return (
    <>
      {film !== null && <FilmFacts film={film} />}
      <p>{isWhole(upload) ? text.whole : text.leftOverHint}</p>
      {!isWhole(upload) && <progress value={offset} max={length} aria-label={text.progress} />}
      <p class="quiet">
        {text.amount(bytesText(offset, language), bytesText(length, language))} · {text.until(day)}
      </p>
    </>
  );
}
