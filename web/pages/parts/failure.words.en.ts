/** Owns what a failure is called in English. */
import {bytesText, spanText} from '../format.ts';
import {amountOf, type FailureWords, type LimitWords, quoted, reasons} from './failure.terms.ts';

const retry = 'Try again: it goes on from the last finished step.';
const limits: LimitWords = {
  job: amount => [`The dub took longer than ${amount}.`, `${retry} JOB_HOURS_MAX allows more.`],
  stage: (amount, node) => [
    `${node ?? 'One step'} took longer than ${amount}.`,
    `${retry} STAGE_MINUTES_MAX allows more.`,
  ],
  silence: amount => [
    `Nothing was heard of the dub for ${amount}.`,
    `${retry} On a very slow machine JOB_HEARTBEAT_SECONDS allows more.`,
  ],
  processor: amount => [
    `The dub used more than ${amount} of processor time.`,
    `${retry} JOB_HOURS_MAX allows more.`,
  ],
  memory: amount => [
    `The dub needed more than its ${amount} of memory.`,
    'JOB_MEMORY_MB allows more, where the machine has it; the preset fast takes less.',
  ],
  file: amount => [
    `A file of the dub grew beyond ${amount}.`,
    'Check the film: it may claim to be far longer than it is.',
  ],
};
export const words: FailureWords = {
  'no-such-file': ({path}) => [`There is no file ${path}.`, 'Add the film again.'],
  'is-a-folder': ({path}) => [`${path} is a folder.`, 'Add the films in it.'],
  'not-a-file': ({path}) => [`${path} is not a regular file.`, 'Add a film.'],
  unreadable: ({path, detail}) => [`${path} cannot be read: ${detail}.`, 'Check its permissions.'],
  'empty-file': ({path}) => [`${path} is empty.`, 'Add it again: the copy may have been cut off.'],
  'not-media': ({path, detail}) => [
    `${path} is not a film that can be read: ${detail}.`,
    'MP4, MKV, WebM, MOV, AVI, MPEG and TS are taken.',
  ],
  playlist: ({path, format}) => [`${path} is a playlist (${format}), not a film.`, 'Add the film itself.'],
  truncated: ({path, detail}) => [
    `${path} is cut off or damaged: ${detail}.`,
    'Copy or download it again, then add it once more.',
  ],
  'no-video': ({path}) => [`${path} has no picture.`, 'Only films with a picture are dubbed.'],
  'no-audio': ({path}) => [`${path} has no sound.`, 'There is nothing to dub in a silent film.'],
  'no-duration': ({path}) => [`${path} has no length.`, 'The recording may be unfinished; save it again.'],
  'no-speech': ({path}) => [
    `No speech was found in ${path}.`,
    'If people do speak in it, add it again with its subtitles.',
  ],
  'unsupported-pair': ({from, to, pairs}) => [
    `No translator here goes from ${from} to ${to}.`,
    `Pairs that work here: ${quoted(pairs) || 'none'}. Or add the film with translated subtitles.`,
  ],
  'same-language': ({language}) => [
    `The film is in ${language} already.`,
    'Choose another language, or say what is spoken in the film.',
  ],
  'too-long': ({path, seconds, mostSeconds}) => [
    `${path} is ${spanText(seconds, 'en')} long; ${spanText(mostSeconds, 'en')} are taken at most.`,
    'Cut it into parts, or raise MAX_VIDEO_MIN.',
  ],
  'bad-subtitles': ({path, line, detail}) => [
    `${path} cannot be read at line ${line}: ${detail}.`,
    'Mend that line, or leave the subtitles out to have the speech recognised.',
  ],
  'disk-full': ({path, neededBytes, freeBytes, noInodes}) => [
    noInodes
      ? `${path} has room, but not for one more file.`
      : `${path} has ${bytesText(freeBytes, 'en')} free; this dub needs about ${bytesText(neededBytes, 'en')}.`,
    'Delete what nobody needs any more, then try again.',
  ],
  'not-writable': ({path, detail}) => [`${path} cannot be written to: ${detail}.`, 'Change its permissions.'],
  'nothing-to-edit': ({path}) => [`There is no dub in ${path} to edit.`, 'Have it dubbed first.'],
  'which-to-edit': ({path, titles}) => [`${path} holds more than one dub.`, `They are: ${quoted(titles)}.`],
  'no-such-line': ({line, lines}) => [
    `There is no line ${line}: this dub has ${lines}.`,
    'Load the page anew.',
  ],
  'no-such-speaker': ({speaker, speakers}) => [
    `Nobody in this dub is called ${speaker}.`,
    `Choose one of ${speakers.join(', ')}.`,
  ],
  'no-such-voice': ({voice, voices}) => [
    `There is no voice ${voice} here for the language of this dub.`,
    `Choose one of ${voices.join(', ')}.`,
  ],
  'engine-missing': failure => [
    `No engine is ready as ${failure.kind}: ${reasons(failure)}.`,
    'Whoever looks after the box runs scripts/setup.',
  ],
  'tool-failed': ({tool, stage, exit, stderr}) => [
    `${tool} failed in ${stage} (${exit}): ${stderr}`,
    'Try again: finished work is kept. If it fails again, the film may be damaged where it stopped.',
  ],
  'bad-output': ({path, detail}) => [
    `The finished ${path} did not pass its check: ${detail}.`,
    'Nothing was replaced. Try again; if it fails again, the film may be damaged there.',
  ],
  busy: ({path, pid}) => [`${path} is being worked on by process ${pid}.`, 'Wait for it to end.'],
  'worker-lost': ({exit, stderr}) => [`The dub ended without an answer (${exit}). ${stderr}`.trim(), retry],
  limit: failure => limits[failure.limit](amountOf(failure, 'en'), failure.node),
  'wire-broken': ({detail}) => [
    `The dub was ended: it ${detail}.`,
    'Try again. If it happens again, please report it with the log of the job.',
  ],
  stopped: () => ['Stopped.', retry],
  bug: ({detail}) => [`A fault in Dubstead itself: ${detail}`, 'Please report it with the log of the job.'],
};
