/** Owns what every page shows of the uploads of this tab: that there are some, and how far they are. Never starts or ends one. */
import {useEffect, useState} from 'preact/hooks';
import {useAround, useWords} from '../around.tsx';
import {percentText} from '../format.ts';
import {words} from '../shell.words.ts';
import {amountOf, isActive} from '../uploads/bring.ts';
import {type Look, uploads} from '../uploads.ts';

const nothing: Look = {brings: [], bytesPerSecond: null};

export function useUploads(): Look {
  // The box has none to draw; those of the browser come with the first effect.
  const [look, setLook] = useState(nothing);
  useEffect(() => {
    const tell = (): void => setLook(uploads.look());
    tell();
    return uploads.subscribe(tell);
  }, []);
  return look;
}

export function Tray() {
  const {language} = useAround();
  const text = useWords(words);
  const {brings} = useUploads();
  const active = brings.filter(isActive);
  const needsLook = brings.some(({state}) => state.is === 'stopped' || state.is === 'needs-file');
  const {sent, bytes} = amountOf(active);
  const share = bytes === 0 ? 0 : sent / bytes;
  if (active.length === 0 && !needsLook) return null;
  return (
    <a class="tray" href="/add">
      {active.length > 0 && (
        <>
          <span>{text.uploads(active.length, percentText(share, language))}</span>
          <progress value={share} max={1} aria-hidden="true" />
        </>
      )}
      {needsLook && <span class="bad">{text.uploadsStopped}</span>}
    </a>
  );
}
