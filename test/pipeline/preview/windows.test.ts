import t from 'tap';
import {firstWindow, type Window, wholeScenes, widened} from '../../../pipeline/preview/windows.ts';

t.test('a window is a minute, wider where it holds no cut, and ends with the film', async t => {
  t.same(firstWindow(0, 7200), {start: 0, end: 60});
  t.same(firstWindow(42.5, 7200), {start: 42.5, end: 102.5});
  t.same(firstWindow(0, 65), {start: 0, end: 65}, 'a rest of seconds is not left over');
  t.same(firstWindow(0, 12), {start: 0, end: 12});
  const seen: number[] = [];
  for (let window: Window | null = firstWindow(10, 7200); window !== null; window = widened(window, 7200))
    seen.push(window.end);
  t.same(seen, [70, 130, 190], 'and no wider than three minutes');
  t.equal(widened({start: 0, end: 65}, 65), null);
});

t.test('the last scene of a window is whole only where the film ends with it', async t => {
  const scenes = [
    {start: 0, end: 20},
    {start: 20, end: 60},
  ];
  t.same(wholeScenes(scenes, {start: 0, end: 60}, 100), scenes.slice(0, 1));
  t.same(wholeScenes(scenes, {start: 0, end: 60}, 60), scenes);
});
