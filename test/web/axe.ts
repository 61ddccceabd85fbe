/** Owns asking axe-core what keeps people from using a page: what it calls serious or critical. The only importer of axe-core. */
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import type axe from 'axe-core';
import type {Page} from 'playwright-core';

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const grave: ReadonlySet<string | null | undefined> = new Set(['serious', 'critical']);

/**
 * In Chromium's own world of scripts, so that the page's policy stays as it is; in the colours that the page has now. An empty list,
 * or a line for each fault: rule, place, why.
 */
export async function axeFaults(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page);
  try {
    await session.send('Page.enable');
    const {frameTree} = await session.send('Page.getFrameTree');
    const {executionContextId: contextId} = await session.send('Page.createIsolatedWorld', {
      frameId: frameTree.frame.id,
    });
    const run = async (expression: string): Promise<unknown> => {
      const {result, exceptionDetails} = await session.send('Runtime.evaluate', {
        ...{contextId, expression, awaitPromise: true, returnByValue: true},
      });
      if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description);
      return result.value;
    };
    await run(`${await source}; true`);
    const found = (await run(`axe.run(document, {resultTypes: ['violations']})`)) as axe.AxeResults;
    return found.violations
      .filter(({impact}) => grave.has(impact))
      .flatMap(({id, nodes}) =>
        nodes.map(({target, failureSummary}) => `${id} ${target.join(' ')}: ${failureSummary}`),
      );
  } finally {
    await session.detach();
  }
}

/** Both colour schemes, told apart. */
export async function axeFaultsInBoth(page: Page): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({colorScheme});
    for (const fault of await axeFaults(page)) faults.push(`${colorScheme}: ${fault}`);
  }
  await page.emulateMedia({colorScheme: null});
  return faults;
}
