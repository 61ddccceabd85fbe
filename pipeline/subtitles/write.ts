/** Owns how cues are written as SRT and WebVTT, so that reading them gives the same cues back. Never times or breaks them. */
import type {LanguageTag} from '../../appliance/languages.ts';
import {breaker, tidy, withoutMarkup} from '../../appliance/subtitles/markup.ts';
import type {Cue} from '../documents.ts';

/** SRT has no way to escape: what would be taken for a tag or a time is broken up by a mark without a width. */
export function writeSrt(cues: readonly Cue[]): string {
  const blocks = wordy(cues).map(({start, end, text}, index) => {
    const words = withoutTimes(withoutMarkup(text)).replaceAll('-->', `--${breaker}>`);
    return `${index + 1}\n${clock(start, ',')} --> ${clock(end, ',')}\n${words}\n`;
  });
  return blocks.join('\n');
}

export function writeVtt(cues: readonly Cue[], language: LanguageTag): string {
  const blocks = wordy(cues).map(({start, end, text, speaker}) => {
    const name = escaped(tidy(speaker ?? '').replaceAll('\n', ' '));
    const voice = name === '' ? '' : `<v ${name}>`;
    return `${clock(start, '.')} --> ${clock(end, '.')}\n${voice}${escaped(withoutTimes(text))}\n`;
  });
  return [`WEBVTT\nLanguage: ${language}\n`, ...blocks].join('\n');
}

/** A line that starts like a time line might be taken for one. */
function withoutTimes(text: string): string {
  return text.replaceAll(/^(?=\d{1,3}:)/gm, breaker);
}

function wordy(cues: readonly Cue[]): Cue[] {
  return cues.map(cue => ({...cue, text: tidy(cue.text)})).filter(cue => cue.text !== '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function clock(seconds: number, point: ',' | '.'): string {
  const total = Math.max(0, Math.round(seconds * 1000));
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const milliseconds = String(total % 1000).padStart(3, '0');
  return `${two(total / 3_600_000)}:${two((total / 60_000) % 60)}:${two((total / 1000) % 60)}${point}${milliseconds}`;
}
