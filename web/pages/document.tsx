/** Owns the whole HTML around a page, as it is drawn on the box. Never loads anything from elsewhere. */
import type {ComponentChildren} from 'preact';
import type {Assets} from './drawing.ts';
import type {Language} from './language.ts';

export interface DocumentParts {
  readonly language: Language;
  readonly title: string;
  readonly assets: Assets;
  /** JSON that the scripts go on from. */
  readonly state: string;
  readonly children: ComponentChildren;
}

export function Document({language, title, assets, state, children}: DocumentParts) {
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="dark light" />
        <meta name="theme-color" content="#f6f5f1" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#121512" media="(prefers-color-scheme: dark)" />
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="apple-touch-icon" href="/icons/icon-180.png" />
        <link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials" />
        <style dangerouslySetInnerHTML={{__html: assets.style}} />
      </head>
      <body>
        <div id="app">{children}</div>
        {/* No script: data for one, with nothing in it that could end it. */}
        <script id="state" type="application/json" dangerouslySetInnerHTML={{__html: state}} />
        <script type="module" dangerouslySetInnerHTML={{__html: assets.script}} />
      </body>
    </html>
  );
}

/** JSON that can stand in HTML: no `<` that could end the element, no line ends that old scripts trip over. */
export function embedded(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
