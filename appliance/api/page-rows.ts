/**
 * Owns the routes of the pages and what they load, as data. Those of the door are for anybody: what is in them is no secret.
 */
import {z} from 'zod';
import type {Row} from './row.ts';
import {plainGet, theJob} from './row-parts.ts';

/** Drawn for whoever asks: kept nowhere. */
const html = {is: 'page', type: 'text/html; charset=utf-8', kept: 'never'} as const;
const door = {
  ...plainGet,
  permission: 'anyone',
  object: 'none',
  bucket: 'detail',
  answer: html,
} as const;
const inside = {...door, permission: 'read:job'} as const;
const open = {...plainGet, permission: 'anyone', object: 'none', bucket: 'assets'} as const;

export const pageRows = {
  'page.home': {...inside, path: '/', summary: 'What is being dubbed now, what is done, what failed.'},
  'page.login': {
    ...door,
    path: '/login',
    summary: 'The way in; leads on to where somebody wanted to go.',
    query: z.strictObject({next: z.string().max(300).optional()}),
  },
  'page.setup': {
    ...door,
    path: '/setup',
    summary: 'The page for the setup code, which stands behind a # and is told to no server.',
  },
  'page.join': {
    ...door,
    path: '/join',
    summary: 'The page for an invitation or a new password, whose code stands behind a #.',
  },
  'page.welcome': {
    ...inside,
    permission: 'use:account',
    path: '/welcome',
    summary: 'What is worth setting before the first film.',
  },
  'page.add': {...inside, permission: 'submit:job', path: '/add', summary: 'Bringing films.'},
  'page.library': {
    ...inside,
    path: '/library',
    summary: 'All dubs there are, to look for and to watch.',
    query: z.strictObject({
      view: z.string().max(20).optional(),
      q: z.string().max(100).optional(),
      said: z.string().max(100).optional(),
      tag: z.string().max(40).optional(),
      series: z.string().max(200).optional(),
      season: z.string().max(4).optional(),
      sort: z.string().max(20).optional(),
    }),
  },
  'page.watch': {
    ...inside,
    object: 'job',
    path: '/watch/:id',
    summary: 'One film: to watch it, and all there is to do with it.',
    params: theJob,
    query: z.strictObject({t: z.string().max(20).optional()}),
  },
  'page.edit': {
    ...inside,
    permission: 'change:job',
    object: 'own-job',
    path: '/edit/:id',
    summary: 'The lines of a dub, to change and to dub again.',
    params: theJob,
    query: z.strictObject({line: z.string().max(10).optional()}),
  },
  'page.quality': {
    ...inside,
    object: 'job',
    path: '/quality/:id',
    summary: 'How good a dub came out, as pictures and figures.',
    params: theJob,
  },
  'page.settings': {
    ...inside,
    permission: 'use:account',
    path: '/settings',
    summary: 'One’s own devices, codes, keys, pushes and language.',
  },
  'page.admin': {
    ...inside,
    permission: 'read:box',
    path: '/admin',
    summary: 'People, queue, storage and health of the box.',
  },
  'page.approve': {
    ...inside,
    permission: 'let:in',
    path: '/approve',
    summary: 'Who asks to be let in by a square code, which stands behind a #: yes or no.',
  },
  'page.asset': {
    ...open,
    path: '/assets/:asset',
    summary: 'A script or a style of the pages; its name holds its digest.',
    params: z.strictObject({asset: z.string().regex(/^[A-Za-z0-9_-]{1,100}\.(?:js|css)$/)}),
    answer: {is: 'page', type: 'by its name', kept: 'forever'},
  },
  'page.worker': {
    ...open,
    path: '/sw.js',
    summary: 'What keeps scripts and styles for when the box cannot be reached; nothing of anybody’s.',
    answer: {is: 'page', type: 'text/javascript; charset=utf-8', kept: 'checked'},
  },
  'page.manifest': {
    ...open,
    path: '/manifest.webmanifest',
    summary: 'What a phone needs to keep the pages as an app.',
    answer: {is: 'page', type: 'application/manifest+json', kept: 'checked'},
  },
  'page.icon': {
    ...open,
    path: '/icon.svg',
    summary: 'The sign of the box.',
    answer: {is: 'page', type: 'image/svg+xml', kept: 'checked'},
  },
  'page.picture': {
    ...open,
    path: '/icons/:picture',
    summary: 'The sign of the box for home screens.',
    params: z.strictObject({picture: z.string().regex(/^icon-(?:180|192|512)\.png$/)}),
    answer: {is: 'page', type: 'image/png', kept: 'checked'},
  },
} as const satisfies Readonly<Record<string, Row>>;

export type PageRows = typeof pageRows;
