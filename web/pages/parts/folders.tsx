/** Owns looking through the folders of films that the box shows, and choosing some of them. Never makes a job. */
import {useState} from 'preact/hooks';
import type {MediaEntry, MediaPage} from '../../../appliance/api/media-shapes.ts';
import {useAround, useWords} from '../around.tsx';
import {bytesText} from '../format.ts';
import {pairUp} from '../uploads/pairs.ts';
import {words} from '../views/add.words.ts';
import {Icon} from './icon.tsx';

/** A film on the box, with the subtitles beside it: from that folder on. */
export interface Picked {
  readonly folder: number;
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  readonly sidecars: readonly string[];
}

interface Open {
  readonly folder: number;
  readonly path: readonly string[];
  readonly entries: readonly MediaEntry[];
  readonly next: MediaPage['next'];
}

export interface FoldersParts {
  readonly folders: MediaPage['folders'];
  readonly picked: readonly Picked[];
  readonly pick: (picked: readonly Picked[]) => void;
}

export function Folders({folders, picked, pick}: FoldersParts) {
  const {call, say} = useAround();
  const text = useWords(words);
  const [open, setOpen] = useState<Open | null>(null);
  const enter = async (folder: number, path: readonly string[], before?: Open): Promise<void> => {
    const after = before?.next ?? undefined;
    const at = path.length === 0 ? undefined : path.join('/');
    const answer = await call('files.list', {query: {folder, path: at, after}});
    if (!answer.ok) return say({is: 'trouble', why: answer.why});
    const {entries, next} = answer.value;
    setOpen({folder, path, next, entries: [...(before?.entries ?? []), ...entries]});
  };
  return (
    <details class="fold">
      <summary>{text.box}</summary>
      {open === null ? (
        <ul class="lines">
          {folders.map(({folder, label}) => (
            <li key={folder}>
              <button type="button" class="plain entry" dir="auto" onClick={() => void enter(folder, [])}>
                <Icon name="library" />
                {label}
              </button>
            </li>
          ))}
        </ul>
      ) : (
        <Entries
          open={open}
          label={folders.find(({folder}) => folder === open.folder)?.label ?? ''}
          up={() =>
            open.path.length === 0 ? setOpen(null) : void enter(open.folder, open.path.slice(0, -1))
          }
          enter={name => void enter(open.folder, [...open.path, name])}
          more={() => void enter(open.folder, open.path, open)}
          {...{picked, pick}}
        />
      )}
    </details>
  );
}

interface EntriesParts extends Pick<FoldersParts, 'picked' | 'pick'> {
  readonly open: Open;
  readonly label: string;
  readonly up: () => void;
  readonly enter: (name: string) => void;
  readonly more: () => void;
}

function Entries({open, label, up, enter, more, picked, pick}: EntriesParts) {
  const {language} = useAround();
  const text = useWords(words);
  const {folder, path, entries, next} = open;
  const fileOf = (name: string): string => [...path, name].join('/');
  const films = entries.filter(({kind}) => kind === 'film');
  const pairs = pairUp(entries.filter(({kind}) => kind === 'film' || kind === 'subtitles')).pairs;
  const isPicked = (name: string): boolean =>
    picked.some(each => each.folder === folder && each.file === fileOf(name));
  const toggle = ({name, bytes}: MediaEntry): void => {
    if (isPicked(name)) {
      pick(picked.filter(each => each.folder !== folder || each.file !== fileOf(name)));
      return;
    }
    const beside = pairs.find(({film}) => film.name === name)?.sidecars ?? [];
    const sidecars = beside.map(each => fileOf(each.name));
    pick([...picked, {folder, file: fileOf(name), name, bytes: bytes ?? 0, sidecars}]);
  };
  return (
    <>
      <p class="row">
        <button type="button" onClick={up}>
          {text.up}
        </button>
        <strong dir="auto">{[label, ...path].join(' / ')}</strong>
      </p>
      <ul class="lines">
        {entries
          .filter(({kind}) => kind === 'folder')
          .map(({name}) => (
            <li key={name}>
              <button type="button" class="plain entry" dir="auto" onClick={() => enter(name)}>
                <Icon name="library" />
                {name}
              </button>
            </li>
          ))}
        {films.map(entry => (
          <li key={entry.name}>
            <label class="check">
              <input type="checkbox" checked={isPicked(entry.name)} onChange={() => toggle(entry)} />
              <span>
                <bdi>{entry.name}</bdi> <small>{bytesText(entry.bytes ?? 0, language)}</small>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {films.length === 0 && next === null && <p class="quiet">{text.emptyFolder}</p>}
      {next !== null && (
        <button type="button" onClick={more}>
          {text.more}
        </button>
      )}
    </>
  );
}
