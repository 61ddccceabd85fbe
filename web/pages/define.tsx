/** Owns making a page of any kind out of one with a model of its own, so that nobody else needs to know the model. */
import type {AnyPage, Opened, Page} from './page.ts';

export function definePage<M extends object | null>({title, load, View, heard}: Page<M>): AnyPage {
  const opened = (model: M): Opened => ({
    model,
    title: language => title(model, language),
    draw: changed => <View model={model} change={next => changed(opened(next))} />,
    heard:
      heard === undefined
        ? null
        : event => {
            const next = heard(model, event);
            return typeof next === 'string' ? next : opened(next);
          },
  });
  return {
    open: async (call, place) => {
      const answer = await load(call, place);
      return answer.ok ? {ok: true, value: opened(answer.value)} : answer;
    },
    // It is what this very page's `load` came to, a moment ago.
    revive: model => opened(model as M),
  };
}
