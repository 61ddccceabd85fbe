/** Owns the fields that say how a film is to be dubbed. What is left as it is, the box decides: by a preset, a series, its settings. */

import {useEffect, useState} from 'preact/hooks';
import type {Preferences} from '../../../appliance/accounts/user.ts';
import {useAround, useWords} from '../around.tsx';
import {dubPresets, isDubTag, tagOptions} from '../dubs.ts';
import {languageText} from '../format.ts';
import type {Wishes} from '../uploads/bring.ts';
import {words} from '../views/add.words.ts';
import {Select} from './form.tsx';

interface Chosen {
  readonly to: string;
  readonly from: string;
  readonly preset: string;
}

/** As the fields have it; empty is what is not said. */
export interface WishesTyped extends Chosen {
  readonly like: string;
  readonly visibility: 'private' | 'shared';
  /** What whoever chooses likes for all of their films: the box takes it where nothing is said. */
  readonly own: Chosen;
}

export function usualWishes(preferences: Preferences | undefined): WishesTyped {
  const {to = '', from, preset = ''} = preferences?.options ?? {};
  const own = {to, preset, from: from ?? ''};
  return {...own, own, like: '', visibility: preferences?.visibility ?? 'private'};
}

export function wishesOf({to, from, preset, like, visibility, own}: WishesTyped): Wishes {
  const wanted = dubPresets.find(each => each === preset);
  // To find it out has to be said by whoever is known to like something else.
  const isOpen = from === '' && own.from !== '' && like === '';
  return {
    options: {
      ...(isDubTag(to) && {to}),
      ...(isDubTag(from) && {from}),
      ...(isOpen && {from: null}),
      ...(wanted !== undefined && {preset: wanted}),
    },
    like: like === '' ? null : like,
    visibility,
  };
}

/** Whether the box translates between these languages by itself; as long as it has not said, it is not doubted. */
function useKnown(): (typed: Chosen) => boolean {
  const {call} = useAround();
  const [pairs, setPairs] = useState<readonly string[] | null>(null);
  useEffect(() => {
    void call('engines.list', {}).then(answer => answer.ok && setPairs(answer.value.pairs));
  }, [call]);
  return ({from, to}) => {
    if (pairs === null || to === '') return true;
    return from === '' ? pairs.some(pair => pair.endsWith(`-${to}`)) : pairs.includes(`${from}-${to}`);
  };
}

export interface WishFieldsParts {
  readonly presets: readonly string[];
  readonly series: readonly string[];
  readonly typed: WishesTyped;
  readonly change: (typed: WishesTyped) => void;
}

export function WishFields({presets, series, typed, change}: WishFieldsParts) {
  const {language} = useAround();
  const text = useWords(words);
  const tags = tagOptions(language);
  const isKnown = useKnown();
  const usual = (own: string): readonly (readonly [string, string])[] => {
    if (typed.like !== '') return [['', text.asSaved]];
    return own === '' ? [['', text.usual]] : [];
  };
  const set = (part: Partial<WishesTyped>): void => change({...typed, ...part});
  const saved = [
    ...presets.map(name => [name, text.likePreset(name)] as const),
    ...series.filter(name => !presets.includes(name)).map(name => [name, text.likeSeries(name)] as const),
  ];
  return (
    <fieldset class="wish-fields">
      <legend>{text.how}</legend>
      {saved.length > 0 && (
        <Select
          label={text.like}
          name="like"
          value={typed.like}
          options={[['', text.likeNone], ...saved]}
          // What it says counts, but for what somebody says after it.
          onPick={like => set({like, ...(like === '' ? typed.own : {to: '', from: '', preset: ''})})}
        />
      )}
      <Select
        label={text.to}
        name="to"
        value={typed.to}
        {...(isKnown(typed) ? {} : {hint: text.noPair(languageText(typed.to, language))})}
        options={[...usual(typed.own.to), ...tags]}
        onPick={to => set({to})}
      />
      <Select
        label={text.from}
        name="from"
        value={typed.from}
        options={[['', typed.like === '' ? text.automatic : text.asSaved], ...tags]}
        onPick={from => set({from})}
      />
      <Select
        label={text.preset}
        name="preset"
        value={typed.preset}
        options={[
          ...usual(typed.own.preset),
          ...dubPresets.map(each => [each, text.presets[each] ?? each] as const),
        ]}
        onPick={preset => set({preset})}
      />
      <Select
        label={text.visibility}
        name="visibility"
        value={typed.visibility}
        options={[
          ['private', text.visibilities.private],
          ['shared', text.visibilities.shared],
        ]}
        onPick={value => set({visibility: value === 'shared' ? 'shared' : 'private'})}
      />
    </fieldset>
  );
}
