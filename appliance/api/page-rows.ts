/** Owns the routes of the plain pages and what they load, as data. They are for anybody: what is in them is no secret. */
import type {Row} from './row.ts';
import {plainGet} from './row-parts.ts';

const open = {...plainGet, permission: 'anyone', object: 'none', bucket: 'detail'} as const;
const html = {is: 'page', type: 'text/html; charset=utf-8'} as const;

export const pageRows = {
  page: {
    ...open,
    path: '/',
    summary: 'The page to log in, find finished films and watch them.',
    answer: html,
  },
  'page.setup': {
    ...open,
    path: '/setup',
    summary: 'The page for the setup code, which stands behind a # and is told to no server.',
    answer: html,
  },
  'page.join': {
    ...open,
    path: '/join',
    summary: 'The page for an invitation or a new password, whose code stands behind a #.',
    answer: html,
  },
  'page.style': {
    ...open,
    path: '/page.css',
    summary: 'How the pages look.',
    answer: {is: 'page', type: 'text/css; charset=utf-8'},
  },
  'page.script': {
    ...open,
    path: '/page.js',
    summary: 'What the pages do.',
    answer: {is: 'page', type: 'text/javascript; charset=utf-8'},
  },
  'page.icon': {
    ...open,
    path: '/icon.svg',
    summary: 'The sign of the box.',
    answer: {is: 'page', type: 'image/svg+xml'},
  },
} as const satisfies Readonly<Record<string, Row>>;

export type PageRows = typeof pageRows;
