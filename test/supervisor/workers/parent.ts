/** Starts what it is told to, as the daemon does, and stays until it is killed. */
import {launch} from '../../../supervisor/confine/launch.ts';

const launched = await launch(JSON.parse(process.argv[2] ?? '{}'));
if (!launched.ok) throw new Error(launched.why);
setInterval(() => {}, 1000);
