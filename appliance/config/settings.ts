/**
 * Owns the one table of everything that can be set: name, kind, default, meaning, group, and whether it is secret. The
 * example files, the manual and the words of a refusal come from it. Never reads a value.
 *
 * A time limit, a cap or an age that may be without end is written `unlimited`. MB and GB are 10^6 and 10^9 bytes.
 */
import {Preset} from '../order.ts';
import {
  address,
  amount,
  choice,
  flag,
  folder,
  folders,
  group,
  image,
  language,
  limit,
  loudnessLufs,
  origin,
  origins,
  plainText,
  secretText,
  subnets,
  userName,
  whole,
} from './kinds.ts';
import {inDataDir, optional, type Setting, secret, setting} from './setting.ts';

const start = {
  ENV: setting(
    choice(['development', 'production']),
    'development',
    'Production refuses weak secrets and jobs without confinement. It also holds when REMOTE_ACCESS_MODE is not off, or PUBLIC_BASE_URL is set.',
  ),
  DATA_DIR: setting(
    folder,
    'var',
    'Where everything is kept: jobs, state, logs, the control socket. Mode 0700.',
  ),
  HOST: setting(address, '127.0.0.1', 'The address that the web server listens on.'),
  PORT: setting(whole({from: 0, to: 65_535}), '8700', 'Its TCP port; 0 takes any that is free.'),
  PUBLIC_BASE_URL: optional(
    origin(['https'], 'https://dub.example.org'),
    'not set',
    'Where phones reach this box, for the links in pushes. Setting it means production.',
  ),
  REMOTE_ACCESS_MODE: setting(
    choice(['off', 'tailscale', 'cloudflare']),
    'off',
    'Who may connect: off serves this machine and private networks only. Anything else means production.',
  ),
  CORS_ORIGINS: optional(
    origins('https://dub.example.org'),
    'PUBLIC_BASE_URL alone',
    'Pages of these addresses may ask this box with a key. Production wants it, or PUBLIC_BASE_URL, to be set.',
  ),
  TRUSTED_PROXY_SUBNETS: optional(
    subnets,
    'none: X-Forwarded-For counts from nobody',
    'The proxies in front of this box, whose X-Forwarded-For is believed, read from the right.',
  ),
  CLOUDFLARE_ISSUER: optional(
    origin(['https'], 'https://team.cloudflareaccess.com'),
    'not set',
    'The team whose Cloudflare Access guards this box, with REMOTE_ACCESS_MODE=cloudflare.',
  ),
  CLOUDFLARE_AUDIENCE: optional(
    plainText(/^[A-Za-z0-9_-]{16,128}$/, '16 to 128 letters, digits, - and _'),
    'not set',
    'The audience tag of the application there.',
  ),
  ENABLE_QR_LOGIN: setting(
    flag,
    '0',
    'Lets somebody who is logged in let another device in, by a square code and a number to compare.',
  ),
  SOCKET_GROUP: optional(
    group,
    'the group that the daemon runs with',
    'The group whose members may use the control socket: they are admins of the box.',
  ),
};

const inbox = {
  INBOX_DIR: inDataDir('inbox', 'The folder that is watched for films.'),
  OUTPUT_DIR: inDataDir('dubs', 'Where finished dubs go. Never in the inbox, or they would be dubbed again.'),
  INBOX_OWNER: setting(
    userName,
    'home',
    'Whose the films are that are dropped at the top of the inbox, not in a folder of somebody.',
  ),
  INBOX_POLLING: setting(
    choice(['auto', '1', '0']),
    'auto',
    'Looks for changes again and again (1) where the file system tells of none; auto does so on NFS, SMB and FUSE.',
  ),
  INBOX_STABLE_SECONDS: setting(
    amount({from: 0.1, to: 3600, unit: 'seconds'}),
    '5',
    'How long a file must stay the same before it is taken, so that none is taken while it is being copied.',
  ),
  INBOX_RESCAN_SECONDS: setting(
    whole({from: 5, to: 86_400, unit: 'seconds'}),
    '300',
    'How often the whole inbox is listed, for what a watcher on a busy disk has missed.',
  ),
  INBOX_DONE: setting(
    choice(['keep', 'delete']),
    'keep',
    'What becomes of a dropped film when its dub is done: kept in .done in the inbox, or deleted.',
  ),
};

const uploads = {
  MAX_UPLOAD_MB: setting(
    limit({from: 1, to: 10_000_000, unit: 'MB'}),
    '20000',
    'The largest file that can be uploaded.',
  ),
  MAX_UPLOAD_MB_PER_USER: setting(
    limit({from: 1, to: 100_000_000, unit: 'MB'}),
    '50000',
    'How much all uploads of one user that are under way may come to.',
  ),
  MAX_UPLOADS_INFLIGHT_PER_USER: setting(
    whole({from: 1, to: 100}),
    '5',
    'How many uploads of one user may be under way.',
  ),
  UPLOADS_EXPIRE_HOURS: setting(
    whole({from: 1, to: 8760, unit: 'hours'}),
    '24',
    'How long an upload that nothing more comes of is kept.',
  ),
};

const media = {
  MEDIA_DIRS: optional(
    folders,
    'none: only who is on this machine names its files',
    'Folders of films, with commas between them, that whoever may submit jobs can look through and have films dubbed from.',
  ),
};

const dubs = {
  DUB_TO: setting(
    language,
    'es',
    'The language that dropped films are dubbed into, when nothing beside them says another.',
  ),
  DUB_FROM: optional(
    language,
    "the tag of the film's sound track, else English",
    'The language that dropped films speak, when nothing beside them says another.',
  ),
  DUB_PRESET: setting(
    choice([...Preset.options] as [Preset, ...Preset[]]),
    'balanced',
    'How much time is spent on quality, when no folder of the inbox says another.',
  ),
  DUB_LOUDNESS: setting(
    loudnessLufs,
    '-16',
    'How loud a dub is: −14 and −16 as on the web, −23 as in broadcasting.',
  ),
  DUB_HLS: setting(flag, '0', 'Writes HLS as well, for streaming.'),
  DUB_KEEP: setting(
    choice(['lines', 'work']),
    'work',
    'What is kept of the way to a dub: lines is text and voices, a few MB; work is the sound as well, so that an edited line is quick.',
  ),
  MAX_VIDEO_MIN: setting(
    limit({from: 1, to: 6000, unit: 'minutes'}),
    '600',
    'The longest film that is taken.',
  ),
};

const queue = {
  JOBS_RUNNING: setting(whole({from: 1, to: 64}), '1', 'How many jobs run at the same time.'),
  JOBS_RUNNING_PER_USER: setting(limit({from: 1, to: 64}), '1', 'How many of them may belong to one user.'),
  JOBS_QUEUED_PER_USER: setting(
    limit({from: 1, to: 1_000_000}),
    '1000',
    'How many jobs of one user may wait.',
  ),
  JOBS_PER_DAY_PER_USER: setting(
    limit({from: 1, to: 1_000_000}),
    'unlimited',
    'How many jobs of one user may start in 24 hours.',
  ),
  DISK_PER_USER_GB: setting(
    limit({from: 1, to: 1_000_000, unit: 'GB'}),
    'unlimited',
    'How much the films and the dubs of one user may come to, those in the trash included.',
  ),
  DISK_FREE_MIN_GB: setting(
    amount({from: 0, to: 1_000_000, unit: 'GB'}),
    '5',
    'No job starts while less is free where the data or the dubs are kept.',
  ),
};

const jobs = {
  JOB_ISOLATION: setting(
    choice(['jail', 'rlimits', 'none']),
    'jail',
    'How a job is confined: jail hides files and network and sets limits; rlimits sets limits only. Production refuses none.',
  ),
  JOB_PROCESSORS: setting(
    limit({from: 1, to: 256}),
    'unlimited',
    'How many processors one job may keep busy; unlimited is all that the machine has.',
  ),
  JOB_MEMORY_MB: setting(
    limit({from: 256, to: 10_000_000, unit: 'MB'}),
    '4096',
    'How much memory one job may use, all its processes together.',
  ),
  JOB_HOURS_MAX: setting(
    limit({from: 1, to: 1000, unit: 'hours'}),
    '12',
    'How long one run of a job may take.',
  ),
  STAGE_MINUTES_MAX: setting(
    limit({from: 1, to: 60_000, unit: 'minutes'}),
    '120',
    'How long one step of a job may take.',
  ),
  JOB_HEARTBEAT_SECONDS: setting(
    whole({from: 15, to: 3600, unit: 'seconds'}),
    '60',
    'A job process that was silent for so long is taken for hung and ended. It gives a sign every 5 seconds.',
  ),
  JOB_NICE: setting(
    whole({from: 0, to: 19}),
    '10',
    'How much jobs give way to everything else; 19 gives way the most.',
  ),
  ENABLE_CONTAINER_WORKER: setting(flag, '0', 'Runs each job in a container. Needs CONTAINER_IMAGE.'),
  CONTAINER_ENGINE: setting(choice(['podman', 'docker']), 'podman', 'The program that runs containers.'),
  CONTAINER_IMAGE: optional(image, 'not set', 'The one image that jobs may run in.'),
};

const keeping = {
  UPLOADS_KEEP_DAYS: setting(
    limit({from: 1, to: 36_500, unit: 'days'}),
    'unlimited',
    'How long a film that was handed in is kept after its job is over.',
  ),
  INTERMEDIATES_KEEP_DAYS: setting(
    limit({from: 1, to: 36_500, unit: 'days'}),
    '30',
    'How long the work between film and dub is kept; after that an edited line makes the dub anew.',
  ),
  OUTPUTS_KEEP_DAYS: setting(
    limit({from: 1, to: 36_500, unit: 'days'}),
    'unlimited',
    'How long a finished dub is kept.',
  ),
  SEARCH_TRANSCRIPTS: setting(
    flag,
    '1',
    'Keeps what is said in a dub, as long as the dub, so that it can be searched; 0 takes away what was kept.',
  ),
  LOGS_KEEP_DAYS: setting(limit({from: 1, to: 36_500, unit: 'days'}), '90', 'How long logs are kept.'),
  TRASH_KEEP_DAYS: setting(
    limit({from: 0, to: 36_500, unit: 'days'}),
    '7',
    'How long a deleted job can be restored; after that its files go with the next sweep.',
  ),
  ENABLE_IMPORTS: setting(
    flag,
    '0',
    'Lets people bring subtitles, translations and speakers to a job over the API.',
  ),
  ENABLE_HARD_DELETE: setting(
    flag,
    '0',
    'Lets an admin purge a job over the API: all of its files go at once, and nothing brings them back. Purge plans over the network want it too.',
  ),
  SWEEP_HOURS: setting(
    amount({from: 0.1, to: 720, unit: 'hours'}),
    '24',
    'How often what is past its days is removed.',
  ),
};

const push = {
  NOTIFY_ON_JOB_DONE: setting(
    flag,
    '0',
    'Sends a push when a dub is done, failed, refused or set aside. Needs NTFY_BASE_URL and NTFY_TOPIC.',
  ),
  NTFY_BASE_URL: optional(
    origin(['http', 'https'], 'https://ntfy.example.org'),
    'not set: no server is contacted that you did not name',
    'The ntfy server that pushes go through.',
  ),
  NTFY_TOPIC: secret(
    secretText(/^[-_A-Za-z0-9]{1,64}$/, '1 to 64 letters, digits, - and _'),
    'The topic that your phone listens to. Whoever knows it can read your pushes.',
  ),
  NTFY_TOKEN: secret(
    secretText(/^[\x21-\x7e]{1,512}$/, 'up to 512 printable characters without spaces'),
    'The access token for that server, where it asks for one.',
  ),
  NOTIFY_TITLES: setting(flag, '1', 'Names the film in a push; 0 says only that a dub is done.'),
  OFFLINE_MODE: setting(flag, '0', 'This box has no network: nothing tries to send.'),
  ALLOW_EGRESS: setting(flag, '1', 'Whether anything may leave this box at all; with 0 no push does.'),
};

const running = {
  LOG_LEVEL: setting(
    choice(['debug', 'info', 'warn', 'error', 'fatal']),
    'info',
    'The least that is worth a line in the log.',
  ),
  LOG_TRANSCRIPTS: setting(flag, '0', 'Lets what is said in a film into the log.'),
};

export const settings = {
  ...start,
  ...inbox,
  ...uploads,
  ...media,
  ...dubs,
  ...queue,
  ...jobs,
  ...keeping,
  ...push,
  ...running,
};

export type SettingName = keyof typeof settings;

/** What each setting is once it is read: a path is absolute, a flag true or false, null is "not set" or "unlimited". */
export type Settings = {
  readonly [Name in SettingName]: (typeof settings)[Name] extends Setting<infer T> ? T : never;
};

export interface SettingGroup {
  readonly title: string;
  readonly names: readonly SettingName[];
}

const namesOf = <Name extends SettingName>(
  members: Readonly<Record<Name, unknown>>,
): readonly SettingName[] => settingNames.filter(name => name in members);

export const settingNames = Object.keys(settings) as readonly SettingName[];

export const settingGroups: readonly SettingGroup[] = [
  {title: 'Start and network', names: namesOf(start)},
  {title: 'Inbox', names: namesOf(inbox)},
  {title: 'Uploads', names: namesOf(uploads)},
  {title: 'Films of this machine', names: namesOf(media)},
  {title: 'Dubs', names: namesOf(dubs)},
  {title: 'Queue', names: namesOf(queue)},
  {title: 'Jobs and their confinement', names: namesOf(jobs)},
  {title: 'What is kept, and for how long', names: namesOf(keeping)},
  {title: 'Push', names: namesOf(push)},
  {title: 'Log and shutdown', names: namesOf(running)},
];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** One row, when it does not matter what its values are. */
export function settingOf(name: SettingName): Setting<unknown> {
  return settings[name];
}
