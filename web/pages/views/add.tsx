/** Owns bringing films: choosing them here or on the box, how they are to be dubbed, what that takes, and how far uploads are. */
import type {ComponentChildren} from 'preact';
import {useEffect, useState} from 'preact/hooks';
import type {z} from 'zod';
import type {MediaPage} from '../../../appliance/api/media-shapes.ts';
import type {UploadShown} from '../../../appliance/api/upload-shapes.ts';
import type {Usage as UsageShape} from '../../../appliance/api/usage-shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {all, type Call} from '../call.ts';
import {definePage} from '../define.tsx';
import {bytesText, percentText} from '../format.ts';
import {Cost} from '../parts/cost.tsx';
import {Folders, type Picked} from '../parts/folders.tsx';
import {Icon} from '../parts/icon.tsx';
import {LeftOver} from '../parts/left-over.tsx';
import {useUploads} from '../parts/tray.tsx';
import {BringCard} from '../parts/upload.tsx';
import {usualWishes, type WishesTyped, WishFields, wishesOf} from '../parts/wishes.tsx';
import {accepted, isCalled, pairUp} from '../uploads/pairs.ts';
import {limitBytes} from '../uploads/send.ts';
import {uploads} from '../uploads.ts';
import {words} from './add.words.ts';

type Usage = z.infer<typeof UsageShape>;

interface Model {
  /** Names of presets and series. */
  readonly presets: readonly string[];
  readonly series: readonly string[];
  readonly usage: Usage;
  /** What the box has of uploads that are no jobs, this browser's and those of others. */
  readonly there: readonly UploadShown[];
  readonly folders: MediaPage['folders'];
}

export const page = definePage<Model>({
  title: (_, language) => words[language].title,
  load,
  View: Add,
});

async function load(call: Call) {
  const answer = await all([
    call('presets.list', {}),
    call('series.list', {}),
    call('usage.own', {}),
    call('uploads.list', {}),
    call('files.list', {query: {}}),
  ]);
  if (!answer.ok) return answer;
  const [{presets}, {series}, usage, {uploads: there}, {folders}] = answer.value;
  const names = (saved: readonly {readonly name: string}[]): readonly string[] => [
    ...new Set(saved.map(({name}) => name)),
  ];
  return {ok: true as const, value: {presets: names(presets), series: names(series), usage, there, folders}};
}

function Add({model}: {readonly model: Model}) {
  const {me, again} = useAround();
  const text = useWords(words);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [picked, setPicked] = useState<readonly Picked[]>([]);
  const [typed, setTyped] = useState<WishesTyped>(() => usualWishes(me?.preferences));
  const {brings, bytesPerSecond} = useUploads();
  const done = brings.filter(({state}) => state.is === 'done' || state.is === 'stopped').length;
  useEffect(() => {
    // What is used, and what is left over, is another thing now.
    if (done > 0) again();
  }, [done]);
  const add = (chosen: readonly File[]): void =>
    setFiles([...files, ...fresh(files, uploads.choose(chosen))]);
  const ours = new Set(brings.flatMap(({parts}) => parts.map(({url}) => url?.split('/').at(-1))));
  const there = model.there.filter(({id}) => !ours.has(id));
  const leftOver = there.filter(({name, length}) => !files.some(file => isSame(file, name, length)));
  return (
    <>
      <h1>{text.title}</h1>
      <Picker add={add} />
      {model.folders.length > 0 && <Folders folders={model.folders} picked={picked} pick={setPicked} />}
      {files.length + picked.length > 0 && (
        <Chosen {...{model, files, setFiles, picked, setPicked, there, typed, setTyped}} />
      )}
      {brings.length > 0 && (
        <section>
          <h2>{text.now}</h2>
          <ul class="jobs">
            {brings.map(bring => (
              <li key={bring.key}>
                <BringCard bring={bring} bytesPerSecond={bytesPerSecond} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {leftOver.length > 0 && <LeftOver uploads={leftOver} wishes={wishesOf(typed)} />}
    </>
  );
}

const isSame = (file: File, name: string, bytes: number): boolean =>
  file.size === bytes && isCalled(file.name, name);

/** Those that were not chosen before. */
function fresh(known: readonly File[], chosen: readonly File[]): readonly File[] {
  return chosen.filter(file => !known.some(({name, size}) => isSame(file, name, size)));
}

/** A button that a phone's camera roll opens by; with a mouse, also a place to drop files on. */
function Picker({add}: {readonly add: (files: readonly File[]) => void}) {
  const text = useWords(words);
  const [isOver, setOver] = useState(false);
  return (
    <section
      class={`picker ${isOver ? 'over' : ''}`}
      aria-label={text.choose}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={event => {
        event.preventDefault();
        setOver(false);
        add([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <label class="button main wide">
        <Icon name="add" />
        {text.choose}
        <input
          type="file"
          class="for-readers"
          multiple
          accept={accepted}
          onChange={event => {
            add([...(event.currentTarget.files ?? [])]);
            // The same ones may be chosen again.
            event.currentTarget.value = '';
          }}
        />
      </label>
      <p class="quiet for-mice">{text.drop}</p>
      <p class="quiet">{text.chooseHint}</p>
    </section>
  );
}

interface ChosenParts {
  readonly model: Model;
  readonly files: readonly File[];
  readonly setFiles: (files: readonly File[]) => void;
  readonly picked: readonly Picked[];
  readonly setPicked: (picked: readonly Picked[]) => void;
  readonly there: readonly UploadShown[];
  readonly typed: WishesTyped;
  readonly setTyped: (typed: WishesTyped) => void;
}

function Chosen({model, files, setFiles, picked, setPicked, there, typed, setTyped}: ChosenParts) {
  const {language, me} = useAround();
  const text = useWords(words);
  const [most, setMost] = useState<number | null>(null);
  useEffect(() => void limitBytes().then(setMost), []);
  const submit = useSubmit();
  const {pairs, alone, odd} = pairUp(files);
  const sentOf = ({name, size}: File): number =>
    there.find(each => each.length === size && isCalled(name, each.name))?.offset ?? 0;
  const isTooLarge = (file: File): boolean => most !== null && file.size > most;
  const bytes =
    pairs.flatMap(({film, sidecars}) => [film, ...sidecars]).reduce((sum, {size}) => sum + size, 0) +
    picked.reduce((sum, each) => sum + each.bytes, 0);
  const count = pairs.length + picked.length;
  const begin = async (): Promise<void> => {
    const wishes = wishesOf(typed);
    const known = there.map(({name, length, url, offset}) => ({name, bytes: length, url, sent: offset}));
    setFiles([]);
    void uploads.add(pairs.map(({film, sidecars}) => ({film, sidecars, wishes, known})));
    if (picked.length > 0) setPicked(await submit(picked, typed));
  };
  return (
    <section>
      <h2>{text.chosen}</h2>
      <ul class="chosen">
        {pairs.map(({film, sidecars}) => (
          <Line
            key={film.name}
            name={film.name}
            bytes={film.size}
            sidecars={sidecars.map(({name}) => name)}
            takeOut={() => setFiles(files.filter(file => file !== film && !sidecars.includes(file)))}
          >
            {sentOf(film) > 0 && (
              <small>{text.partly(percentText(sentOf(film) / film.size, language))}</small>
            )}
            {isTooLarge(film) && <small class="bad">{text.tooLarge(bytesText(most ?? 0, language))}</small>}
          </Line>
        ))}
        {picked.map(each => (
          <Line
            key={`${each.folder}/${each.file}`}
            name={each.name}
            bytes={each.bytes}
            sidecars={each.sidecars.map(file => file.split('/').at(-1) ?? '')}
            takeOut={() => setPicked(picked.filter(other => other !== each))}
          >
            <small>{text.onBox}</small>
          </Line>
        ))}
      </ul>
      {alone.length > 0 && <NotTaken why={text.alone} files={alone} />}
      {odd.length > 0 && <NotTaken why={text.odd} files={odd} />}
      <WishFields presets={model.presets} series={model.series} typed={typed} change={setTyped} />
      {count > 0 && me !== null && (
        <Cost usage={model.usage} count={count} bytes={bytes} films={pairs.map(({film}) => film)} />
      )}
      <button
        type="button"
        class="main wide"
        disabled={count === 0 || pairs.some(({film}) => isTooLarge(film))}
        onClick={() => void begin()}
      >
        {text.begin(count)}
      </button>
    </section>
  );
}

interface LineParts {
  readonly name: string;
  readonly bytes: number;
  readonly sidecars: readonly string[];
  readonly takeOut: () => void;
  readonly children?: ComponentChildren;
}

function Line({name, bytes, sidecars, takeOut, children}: LineParts) {
  const {language} = useAround();
  const text = useWords(words);
  return (
    <li>
      <span class="about">
        <strong dir="auto">{name}</strong>
        <small>{bytesText(bytes, language)}</small>
        {sidecars.length > 0 && <small dir="auto">{text.subtitles(sidecars.join(', '))}</small>}
        {children}
      </span>
      <button type="button" class="plain icon" aria-label={text.takeOut(name)} onClick={takeOut}>
        <Icon name="close" />
      </button>
    </li>
  );
}

function NotTaken({why, files}: {readonly why: string; readonly files: readonly File[]}) {
  return (
    <div class="trouble" role="alert">
      <p>{why}</p>
      <ul class="plain">
        {files.map(({name}) => (
          <li key={name} dir="auto">
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The most in one request. */
const batchLimit = 50;

/** Makes jobs of films on the box; what is left over was refused. */
function useSubmit(): (picked: readonly Picked[], typed: WishesTyped) => Promise<readonly Picked[]> {
  const {call, say} = useAround();
  const text = useWords(words);
  return async (picked, typed) => {
    const {options, like, visibility} = wishesOf(typed);
    const refused: Picked[] = [];
    let [count, why] = [0, ''];
    for (let at = 0; at < picked.length; at += batchLimit) {
      const some = picked.slice(at, at + batchLimit);
      const jobs = some.map(({folder, file, sidecars}) => ({
        ...{folder, file, sidecars: [...sidecars], options, ...(like !== null && {like})},
      }));
      const answer = await call('jobs.batch', {body: {jobs}});
      if (!answer.ok) {
        say({is: 'trouble', why: answer.why});
        return [...refused, ...picked.slice(at)];
      }
      for (const [i, each] of answer.value.jobs.entries()) {
        const one = some[i];
        if (each.is === 'submitted') {
          count += 1;
          if (visibility !== null) {
            const card = await call('jobs.card', {params: {id: each.job.id}, body: {visibility}});
            if (!card.ok) say({is: 'trouble', why: card.why});
          }
        } else if (one !== undefined) {
          refused.push(one);
          why = `${text.refusedOf(one.name)} ${each.error.what} ${each.error.fix}`;
        }
      }
    }
    if (refused.length > 0) say({is: 'trouble', why: {code: 'refused', what: why, fix: ''}});
    else say({is: 'done', text: text.submitted(count)});
    return refused;
  };
}
