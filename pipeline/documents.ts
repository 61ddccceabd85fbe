/**
 * Owns the JSON documents that stages hand to each other: one schema a stage, parsed whenever one is read from
 * disk. Never holds audio. All times are seconds from the start of the film.
 */
import {z} from 'zod';
import {Anchor} from '../appliance/brief.ts';
import {LanguageTag} from '../appliance/languages.ts';
import {Gender, VoiceChoice} from '../appliance/say.ts';
import {Cue, CueFile, Region, Seconds, Turn} from '../appliance/subtitles/cue.ts';

export {Cue, Gender, Region, Turn};

const AudioTrack = z.object({
  /** Index among all streams of the file. */
  index: z.number().int(),
  codec: z.string(),
  channels: z.number().int().positive(),
  /** ffmpeg's name of the layout, such as `stereo` or `5.1(side)`. */
  layout: z.string(),
  sampleRate: z.number().int().positive(),
  language: LanguageTag.nullable(),
  title: z.string(),
  isDefault: z.boolean(),
});
export type AudioTrack = z.infer<typeof AudioTrack>;

const VideoTrack = z.object({
  index: z.number().int(),
  codec: z.string(),
  profile: z.string(),
  level: z.number(),
  pixelFormat: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  framesPerSecond: z.number(),
  bitRate: z.number().nullable(),
});
export type VideoTrack = z.infer<typeof VideoTrack>;

const TextTrack = z.object({
  index: z.number().int(),
  codec: z.string(),
  language: LanguageTag.nullable(),
  title: z.string(),
  forced: z.boolean(),
});
export type TextTrack = z.infer<typeof TextTrack>;

/** What is in the source. */
export const Probe = z.object({
  container: z.string(),
  duration: z.number().positive(),
  bytes: z.number().int(),
  title: z.string(),
  video: VideoTrack,
  /** Every audio track; the first entry of `spoken` is the one that gets dubbed. */
  audio: z.array(AudioTrack),
  /** Index (among all streams) of the audio track to dub. */
  spoken: z.number().int(),
  /** Text subtitle tracks only: pictures (PGS, VobSub) hold no words to read. */
  text: z.array(TextTrack),
  chapters: z.number().int(),
  attachments: z.number().int(),
  streams: z.number().int(),
});
export type Probe = z.infer<typeof Probe>;

/** Subtitles that stand in for recognition (`source`) or for translation (`target`). */
export const Cues = z.object({source: CueFile.nullable(), target: CueFile.nullable()});
export type Cues = z.infer<typeof Cues>;

/** Where there is speech, and the scenes the film is cut into; scenes follow each other without a gap. */
export const SpeechMap = z.object({
  duration: Seconds,
  regions: z.array(Region),
  scenes: z.array(Region),
  /** Median loudness of the speech, LUFS of the mono sum: where the dub's voices are levelled to. */
  speechLufs: z.number(),
});
export type SpeechMap = z.infer<typeof SpeechMap>;

export const Word = Region.extend({
  text: z.string(),
  /** 0 to 1, as the recogniser claims. */
  confidence: z.number().min(0).max(1),
});
export type Word = z.infer<typeof Word>;

/** What was heard in one scene, one entry a speech region, without punctuation or case unless the engine gives them. */
export const Transcript = z.object({
  heard: z.array(Region.extend({words: z.array(Word)})),
  /** True when words come with their own punctuation and case. */
  punctuated: z.boolean(),
  trouble: z.string().optional(),
});
export type Transcript = z.infer<typeof Transcript>;

export const Speaker = z.object({
  /** `S1` is who speaks most. */
  id: z.string(),
  gender: Gender,
  /** Median fundamental frequency; null when nothing voiced was found. */
  pitchHz: z.number().nullable(),
  /** How long this speaker speaks in all. */
  seconds: Seconds,
});
export type Speaker = z.infer<typeof Speaker>;

export const Speakers = z.object({
  speakers: z.array(Speaker),
  turns: z.array(Turn),
  trouble: z.string().optional(),
});
export type Speakers = z.infer<typeof Speakers>;

/** One spoken line of one speaker: a sentence with case and punctuation, in the source language. */
export const Segment = Region.extend({
  speaker: z.string(),
  text: z.string(),
  /** Mean of its words' confidence; null when the words were given, not heard. */
  confidence: z.number().min(0).max(1).nullable(),
});
export type Segment = z.infer<typeof Segment>;

export const Segments = z.object({segments: z.array(Segment)});
export type Segments = z.infer<typeof Segments>;

/** A segment with its words in the target language. */
export const Line = Segment.extend({
  translation: z.string(),
  /** True when a person wrote the translation. */
  edited: z.boolean(),
  /** Set when no voice should speak it: the original sound stays, with a subtitle. */
  keepOriginal: z.string().optional(),
  /** Set when the original is not to be heard there either. */
  muted: z.boolean().optional(),
  /** The line that a person made this one of. */
  anchor: Anchor.optional(),
});
export type Line = z.infer<typeof Line>;

export const Lines = z.object({lines: z.array(Line)});
export type Lines = z.infer<typeof Lines>;

export {VoiceChoice};

/** A speaker as the dub has them. */
export const CastSpeaker = Speaker.extend({
  /** What people call them; null where nobody said. */
  name: z.string().nullable(),
  /** Which voice was asked for, by its id; null where it was left to us. */
  chosen: z.string().nullable(),
  /** Which it is. */
  voice: z.string(),
});
export type CastSpeaker = z.infer<typeof CastSpeaker>;

export const Cast = z.object({voices: z.array(VoiceChoice), speakers: z.array(CastSpeaker)});
export type Cast = z.infer<typeof Cast>;

/** The ladder no line falls off: best voice, simpler voice, original sound with a subtitle. */
export const Rung = z.enum(['voice', 'simpler-voice', 'original']);
export type Rung = z.infer<typeof Rung>;

/** One line's clip; `seconds` is what is heard, without the silence an engine puts around it. */
export const Clip = z.object({
  rung: Rung,
  why: z.string().optional(),
  seconds: Seconds,
  /** Loudness of the clip by BS.1770 without gating, in LUFS; null when there is no clip. */
  loudnessLufs: z.number().nullable(),
});
export type Clip = z.infer<typeof Clip>;

export const Placement = z.object({
  /** Where the dub of the line starts and ends in the film. */
  start: Seconds,
  end: Seconds,
  /** Length of the slot that the line may fill. */
  slot: Seconds,
  /** Speed asked of the voice engine; 1 is natural. */
  rate: z.number().positive(),
  /** Time stretch after synthesis as a speed, 0.85 to 1.2; 1 leaves it alone. */
  stretch: z.number().min(0.85).max(1.2),
  /** Seconds past the slot's end that could not be won: reported, never cut. */
  residue: Seconds,
});
export type Placement = z.infer<typeof Placement>;

/** Placements in the order of the scene's lines. */
export const FitPlan = z.object({
  /** The piece of film that this scene's mix covers: past the scene's end when its last line is. */
  from: Seconds,
  to: Seconds,
  placements: z.array(Placement),
});
export type FitPlan = z.infer<typeof FitPlan>;

/** A long row of numbers, checked where it stands: copied, two hours of loudness would be in memory twice. */
const Series = z.custom<number[]>(value => Array.isArray(value) && value.every(Number.isFinite));

/** Loudness of a stretch of film in the terms of BS.1770: one entry for each 100 ms. */
export const Loudness = z.object({
  /** Momentary loudness (400 ms window) each 100 ms, LUFS. */
  momentaryLufs: Series,
  truePeakDbtp: z.number(),
});
export type Loudness = z.infer<typeof Loudness>;

/** What is done to the whole dub to bring it to its loudness. */
export const LoudnessPlan = z.object({
  /** Added to everything, within ±20 dB. */
  gainDb: z.number().min(-20).max(20),
  /** What peaks may reach before they are encoded. */
  ceilingDbtp: z.number(),
});
export type LoudnessPlan = z.infer<typeof LoudnessPlan>;

/** Loudness of one mixed piece, and of what is in it besides the dub. */
export const MixLoudness = Loudness.extend({bedMomentaryLufs: Series});
export type MixLoudness = z.infer<typeof MixLoudness>;

/** The dub of a scene transcribed again, one entry a line; null where there was nothing to hear. */
export const Heard = z.object({
  heard: z.array(z.object({errors: z.number().int(), words: z.number().int(), text: z.string()}).nullable()),
  trouble: z.string().optional(),
});
export type Heard = z.infer<typeof Heard>;

/** The finished subtitles: of the dub where it speaks, of the original where that does. */
export const Subtitles = z.object({target: z.array(Cue), source: z.array(Cue)});
export type Subtitles = z.infer<typeof Subtitles>;

/** What could not be carried over into the finished files as it was, in words. */
export const Mastered = z.object({notes: z.array(z.string())});
export type Mastered = z.infer<typeof Mastered>;
