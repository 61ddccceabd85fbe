/** Owns docs/dubstead.1: `node scripts/man-page.ts` writes it from the table of verbs. */
import {join} from 'node:path';
import {replaceFile} from '../appliance/files.ts';
import {manPage} from '../tui/man.ts';
import {verbs} from '../tui/verbs.ts';

await replaceFile(join(import.meta.dirname, '../docs/dubstead.1'), manPage(verbs));
console.log('docs/dubstead.1');
