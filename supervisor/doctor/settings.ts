/** Owns what is wrong with the settings, as the daemon itself would say at its start. */
import {type ConfigFault, describeFault} from '../../appliance/config/fault.ts';
import type {Finding} from '../../appliance/doctor.ts';
import {type Check, fault, fine, warning} from './check.ts';

export const settings: Check = {
  id: 'settings',
  title: 'Settings',
  looksAt: 'the environment, dubstead.env and .env.secrets',
  async examine({box}) {
    if (!box.ok) return judgeFaults(box.why);
    const withheld = Object.values(box.value.origins).find(({is}) => is === 'withheld');
    if (withheld === undefined || withheld.is !== 'withheld')
      return [fine('Every setting is one that the daemon takes.')];
    return [
      warning({
        finding: `${withheld.path} may not be read by this user.`,
        meaning: 'Whether the secrets in it are right is not known; the others are.',
        fix: 'Run dubstead doctor as the user of the daemon, or as root.',
      }),
    ];
  },
};

const shownFaults = 50;

function judgeFaults(faults: readonly ConfigFault[]): readonly Finding[] {
  return faults.slice(0, shownFaults).map(one =>
    fault({
      finding: describeFault(one),
      meaning: 'The daemon does not start with it; one that runs goes on with what it was started with.',
      fix: 'As it says. dubstead config shows every setting and where it was written; docs/configuration.md lists them.',
    }),
  );
}
