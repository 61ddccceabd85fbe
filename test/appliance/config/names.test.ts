/** A slip of the pen is told from a variable of somebody else. */
import t from 'tap';
import {editsBetween, isMeantForUs, nearestSetting} from '../../../appliance/config/names.ts';
import {isSettingName, settingNames} from '../../../appliance/config/settings.ts';

t.test('edits between two words are counted', async t => {
  const table: ReadonlyArray<readonly [string, string, number]> = [
    ['', '', 0],
    ['', 'ABC', 3],
    ['ABC', '', 3],
    ['PORT', 'PORT', 0],
    ['PROT', 'PORT', 1],
    ['PORTS', 'PORT', 1],
    ['POT', 'PORT', 1],
    ['FORT', 'PORT', 1],
    ['OPTR', 'PORT', 2],
    ['LOG_LEVLE', 'LOG_LEVEL', 1],
    ['INBOX', 'OUTPUT', 6],
  ];
  for (const [one, other, edits] of table) {
    t.equal(editsBetween(one, other), edits, `${one} and ${other}`);
    t.equal(editsBetween(other, one), edits, `${other} and ${one}`);
  }
});

/** Every name that one slip of the pen makes of this one. */
function slipsOf(name: string): readonly string[] {
  return [...name].flatMap((letter, index) => {
    const [head, tail] = [name.slice(0, index), name.slice(index + 1)];
    const swapped = tail === '' ? [] : [`${head}${tail[0]}${letter}${tail.slice(1)}`];
    return [`${head}${tail}`, `${head}X${tail}`, `${head}${letter}X${tail}`, ...swapped];
  });
}

t.test('a slip in any name of six letters or more is found in the environment, and put right', async t => {
  let count = 0;
  for (const name of settingNames.filter(name => name.length >= 6)) {
    for (const slip of slipsOf(name).filter(slip => !isSettingName(slip))) {
      count++;
      if (!isMeantForUs(slip)) t.fail(`${slip} was not taken for ${name}`);
      const nearest = nearestSetting(slip);
      if (nearest === null || editsBetween(slip, nearest) > 1) t.fail(`${slip} was taken for ${nearest}`);
    }
  }
  t.ok(count > 2000, `${count} slips`);
});

t.test('other case, hyphens and the name of the product before it are slips as well', async t => {
  const table: Readonly<Record<string, string | null>> = {
    data_dir: 'DATA_DIR',
    Data_Dir: 'DATA_DIR',
    'DATA-DIR': 'DATA_DIR',
    DATADIR: 'DATA_DIR',
    DUBSTEAD_DATA_DIR: 'DATA_DIR',
    DUBSTEAD_PORT: 'PORT',
    dubstead_port: 'PORT',
    DUBSTEAD_PROT: 'PORT',
    DUBSTEAD_ANYTHING_AT_ALL: null,
    DUB_LANGUAGE: null,
    DUB_TOO: 'DUB_TO',
    INBOX_STABLE_MS: 'INBOX_STABLE_SECONDS',
    INBOX_STABEL_SECONDS: 'INBOX_STABLE_SECONDS',
    // Two edits in a long name.
    ENABLE_CONTAINER_WORKERS: 'ENABLE_CONTAINER_WORKER',
    ENABLE_CONTANER_WORKERS: 'ENABLE_CONTAINER_WORKER',
    NFTY_TOPICS: 'NTFY_TOPIC',
    OUTPUT_KEEP_DAY: 'OUTPUTS_KEEP_DAYS',
  };
  for (const [name, nearest] of Object.entries(table)) {
    t.ok(isMeantForUs(name), name);
    t.equal(nearestSetting(name), nearest, name);
  }
});

/** What is found in the environments of shells, units, containers, build machines and the programs that we work with. */
const innocent = `
  PATH HOME USER LOGNAME SHELL TERM LANG LC_ALL LC_CTYPE PWD OLDPWD SHLVL HOSTNAME HOSTTYPE MACHTYPE OSTYPE MAIL TZ _ PS1 IFS
  EDITOR VISUAL PAGER LESS TMPDIR TEMP TMP DISPLAY COLUMNS LINES HISTFILE MANPATH INFOPATH LS_COLORS COLORTERM NO_COLOR
  SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_AUTH_SOCK SUDO_USER SUDO_UID SUDO_GID SUDO_COMMAND TMUX TMUX_PANE STY XAUTHORITY
  XDG_RUNTIME_DIR XDG_SESSION_ID XDG_DATA_DIRS XDG_DATA_HOME XDG_CONFIG_HOME XDG_CONFIG_DIRS XDG_CACHE_HOME XDG_STATE_HOME
  DBUS_SESSION_BUS_ADDRESS NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID LISTEN_FDS LISTEN_PID LISTEN_FDNAMES INVOCATION_ID
  JOURNAL_STREAM MAINPID MANAGERPID SYSTEMD_EXEC_PID MEMORY_PRESSURE_WATCH MEMORY_PRESSURE_WRITE CREDENTIALS_DIRECTORY
  RUNTIME_DIRECTORY STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CONFIGURATION_DIRECTORY SERVICE_RESULT EXIT_CODE EXIT_STATUS
  NODE_ENV NODE_OPTIONS NODE_PATH NODE_COMPILE_CACHE NODE_EXTRA_CA_CERTS MALLOC_ARENA_MAX LD_LIBRARY_PATH LD_PRELOAD UV_THREADPOOL_SIZE
  npm_config_cache npm_package_name npm_lifecycle_event npm_execpath INIT_CWD TAP_CHILD_ID TAP_BAIL FORCE_COLOR DEBUG
  http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR
  CI JOB_NAME JOB_URL JOB_ID JOB_BASE_NAME JOB_DISPLAY_URL BUILD_ID BUILD_NUMBER NODE_NAME WORKSPACE CI_JOB_ID CI_JOB_NAME
  GITHUB_ACTIONS GITHUB_JOB GITHUB_TOKEN RUNNER_OS RUNNER_TEMP GITLAB_CI
  CONTAINER_HOST CONTAINERS_CONF container container_uuid DOCKER_HOST DOCKER_BUILDKIT PODMAN_USERNS KUBERNETES_SERVICE_HOST
  NTFY_CACHE_FILE NTFY_LISTEN_HTTP NTFY_AUTH_FILE NTFY_BEHIND_PROXY NTFY_USER NTFY_PASSWORD NTFY_LOG_LEVEL
  LOG_FORMAT LOG_FILE LOG_DIR MAX_WORKERS MAX_MEMORY CACHE_DIR BASE_DIR TMP_DIR DIST_DIR INPUT_DIR SOCKET_PATH GROUP HOSTS PORTS POST ENVS UID GID
  CUDA_VISIBLE_DEVICES NVIDIA_VISIBLE_DEVICES OMP_NUM_THREADS FFREPORT AV_LOG_FORCE_COLOR APERTIUM_PATH ESPEAK_DATA_PATH PORT_RANGE
  DEBIAN_FRONTEND APT_LISTCHANGES PYTHONPATH VIRTUAL_ENV JAVA_HOME GOPATH CARGO_HOME RUSTUP_HOME PGDATA PGHOST PGPORT REDIS_URL DATABASE_URL
  OUTPUT OUTPUTS INBOX DUB DUBS DUBPATH DUBSTEAD VERSION MODE STAGE REGION A Z
`
  .trim()
  .split(/\s+/);

t.test('what belongs to others passes', async t => {
  t.ok(innocent.length > 180, `${innocent.length} names`);
  t.strictSame(
    innocent.filter(name => isMeantForUs(name)),
    [],
  );
});

t.test('in our own files a wider guess is made, yet not a wild one', async t => {
  const table: Readonly<Record<string, string | null>> = {
    HOSTS: 'HOST',
    ENVIRONMENT: null,
    OUTDIR: null,
    OUT_DIR: 'OUTPUT_DIR',
    KEEP_DAYS: null,
    LOG_KEEP_DAYS: 'LOGS_KEEP_DAYS',
    NTFY_URL: null,
    NTFY_SECRET: null,
    NTFYTOKEN: 'NTFY_TOKEN',
    XYZ: null,
    ['X'.repeat(5000)]: null,
    '': null,
  };
  for (const [name, nearest] of Object.entries(table))
    t.equal(nearestSetting(name), nearest, name.slice(0, 40));
  for (const name of settingNames) t.equal(nearestSetting(name), name);
});
