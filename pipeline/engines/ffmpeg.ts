/** Owns whether ffmpeg is here with all that the stages ask of it. */
import {missingFrom, neededEncoders, neededFilters} from '../../appliance/ffmpeg-parts.ts';
import type {Engine} from './kinds.ts';
import {outputOf, readyByVersion} from './version.ts';

export const ffmpeg: Engine = {
  name: 'ffmpeg',
  kind: 'media tools',
  about: 'Reads, mixes and writes sound and picture.',
  async ready() {
    const installed = await readyByVersion({
      tool: 'ffmpeg',
      argv: ['-version'],
      pattern: /version (\S+)/,
      debian: 'ffmpeg',
    });
    if (!installed.ready) return installed;
    const said = await Promise.all([
      outputOf('ffmpeg', ['-hide_banner', '-filters']),
      outputOf('ffmpeg', ['-hide_banner', '-encoders']),
    ]);
    const missing = [
      ...missingFrom(said[0] ?? '', neededFilters),
      ...missingFrom(said[1] ?? '', neededEncoders),
    ];
    return missing.length === 0
      ? installed
      : {ready: false, why: `this ffmpeg was built without ${missing.join(', ')}`};
  },
};
