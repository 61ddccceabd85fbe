/** Owns how one's own films are dubbed and who sees them, and the language of the pages. */
import type {Me} from '../../../../appliance/api/account-shapes.ts';
import type {LanguageTag} from '../../../../appliance/languages.ts';
import type {Preset} from '../../../../appliance/order.ts';
import {useAround, useWords} from '../../around.tsx';
import {languageText} from '../../format.ts';
import {Fold} from '../../parts/fold.tsx';
import {Form, Select, type Typed} from '../../parts/form.tsx';
import {words} from '../settings.words.ts';
import {type Preferences, usePrefer} from './prefer.ts';

interface Mine {
  readonly me: Me;
}

const dubbed = [
  ...(['en', 'es', 'ja', 'fr', 'de', 'it', 'pt', 'ca', 'ko', 'zh', 'ru'] as const),
] satisfies readonly LanguageTag[];
const presets = ['fast', 'balanced', 'best'] as const satisfies readonly Preset[];
const loudnesses = [-14, -16, -23] as const;
/** In their own languages, for whoever does not read the one that is set. */
const spoken = [
  ['en', 'English'],
  ['es', 'Español'],
  ['ja', '日本語'],
] as const;

const oneOf = <const T extends string>(given: readonly T[], text: string): T | undefined =>
  given.find(each => each === text);

export function PageLanguage({me}: Mine) {
  const text = useWords(words).language;
  const prefer = usePrefer();
  const pick = (picked: string): void => {
    const language = oneOf(['en', 'es', 'ja'], picked) ?? null;
    void prefer(() => ({language}));
  };
  return (
    <Select
      label={text.title}
      name="language"
      value={me.preferences.language ?? ''}
      options={[['', text.browser], ...spoken]}
      onPick={pick}
    />
  );
}

export function Dubbing({me, isOpen = false}: Mine & {readonly isOpen?: boolean}) {
  const {language} = useAround();
  const text = useWords(words).dubbing;
  const prefer = usePrefer();
  const {options} = me.preferences;
  const named = dubbed.map(tag => [tag, languageText(tag, language)] as const);
  const yesNo = [
    ['', text.asBox],
    ['yes', text.yes],
    ['no', text.no],
  ] as const;
  return (
    <Fold id="dubbing" title={text.title} isOpen={isOpen}>
      <p class="quiet">{text.about}</p>
      <Form
        label={text.save}
        send={async typed => prefer(before => ({options: optionsOf(typed, before.options)}))}
      >
        <Select label={text.to} name="to" value={options.to ?? ''} options={[['', text.asBox], ...named]} />
        <Select
          label={text.from}
          name="from"
          value={options.from === null ? 'any' : (options.from ?? '')}
          options={[['', text.asBox], ['any', text.heard], ...named]}
        />
        <Select
          label={text.preset}
          name="preset"
          value={options.preset ?? ''}
          options={[['', text.asBox], ...presets.map(each => [each, text.presets[each]] as const)]}
        />
        <Select
          label={text.hls}
          hint={text.hlsHint}
          name="hls"
          value={options.hls === undefined ? '' : options.hls ? 'yes' : 'no'}
          options={yesNo}
        />
        <Select
          label={text.loudness}
          name="loudness"
          value={String(options.loudnessLufs ?? '')}
          options={[['', text.asBox], ...loudnesses.map(each => [String(each), text.loud[each]] as const)]}
        />
      </Form>
    </Fold>
  );
}

/** What is left as the box is set is left out. */
function optionsOf(typed: Typed, before: Preferences['options']): Preferences['options'] {
  const [to, from] = [oneOf(dubbed, typed('to')), oneOf(dubbed, typed('from'))];
  const preset = oneOf(presets, typed('preset'));
  const loudnessLufs = loudnesses.find(each => String(each) === typed('loudness'));
  return {
    ...(before.keep !== undefined && {keep: before.keep}),
    ...(to !== undefined && {to}),
    ...(typed('from') === 'any' ? {from: null} : from !== undefined && {from}),
    ...(preset !== undefined && {preset}),
    ...(typed('hls') !== '' && {hls: typed('hls') === 'yes'}),
    ...(loudnessLufs !== undefined && {loudnessLufs}),
  };
}

export function Visibility({me}: Mine) {
  const text = useWords(words).visibility;
  const prefer = usePrefer();
  const isShared = me.preferences.visibility === 'shared';
  const share = (wanted: boolean) => prefer(() => ({visibility: wanted ? 'shared' : 'private'}));
  return (
    <label class="check">
      <input type="checkbox" checked={isShared} onChange={event => void share(event.currentTarget.checked)} />
      <span>
        {text.label}
        <br />
        <small>{text.hint}</small>
      </span>
    </label>
  );
}
