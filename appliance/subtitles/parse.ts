/** Owns the way from a subtitle file to cues: size, encoding, format. Never decides which cues are spoken. */
import {no, type Result} from '../result.ts';
import {readAss} from './ass.ts';
import type {Cue} from './cue.ts';
import {decodeSubtitles} from './decode.ts';
import {bounds, type Complaint} from './reading.ts';
import {readTimedText} from './timed-text.ts';

export type {Complaint} from './reading.ts';

type Format = 'srt' | 'vtt' | 'ass';

/** How much of a file is looked at to tell its format. */
const headCharacters = 65_536;

/**
 * Cues of an SRT, WebVTT, ASS or SSA file, sorted by start, without markup, each with at least one word. The name
 * decides only what the content leaves open.
 */
export function parseSubtitles(bytes: Uint8Array, name: string): Result<Cue[], Complaint> {
  if (bytes.length > bounds.fileBytes) {
    const megabytes = (bytes.length / 2 ** 20).toFixed(1);
    return no({
      line: 1,
      detail: `the file has ${megabytes} MiB; subtitles have at most ${bounds.fileBytes >> 20}`,
    });
  }
  const {text} = decodeSubtitles(bytes);
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    return no({line: text.slice(0, nul).split('\n').length, detail: 'this is not text'});
  }
  if (text.trim() === '') return no({line: 1, detail: 'the file is empty'});
  const format = formatOf(text, name);
  return format === 'ass' ? readAss(text) : readTimedText(text, format);
}

function formatOf(text: string, name: string): Format {
  const head = text.slice(0, headCharacters);
  if (/^WEBVTT\b/.test(head.trimStart())) return 'vtt';
  const extension = /\.(vtt|ass|ssa|srt)$/i.exec(name)?.[1]?.toLowerCase();
  // Whichever comes first: the words of a subtitle may look like anything.
  const section = head.search(/^\[(?:script info|v4\+? styles|events)\]/im);
  const time = head.search(/^\s{0,20}\d{1,3}:\d{1,2}[^\n]{0,20}-->/m);
  if (section !== -1 && (time === -1 || section < time)) return 'ass';
  if (time !== -1) return extension === 'vtt' ? 'vtt' : 'srt';
  if (/^Dialogue:/m.test(head)) return 'ass';
  if (extension === 'vtt') return 'vtt';
  return extension === 'ass' || extension === 'ssa' ? 'ass' : 'srt';
}
