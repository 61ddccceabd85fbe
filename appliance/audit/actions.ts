/** Owns the names of what is recorded, as `area.event`. Never knows who did it or how it went. */

const events = {
  auth: [
    ...(['login_ok', 'login_failed', 'logout', 'refreshed', 'refresh_reuse', 'session_revoked'] as const),
    ...(['password_changed', 'setup_code_made', 'setup_code_used', 'recovery_code_used'] as const),
    ...(['preferences_changed', 'step_up_ok', 'step_up_failed', 'recovery_made', 'qr_offered'] as const),
    ...(['totp_begun', 'totp_enabled', 'totp_disabled', 'totp_ok', 'totp_failed'] as const),
    ...(['qr_init', 'qr_approved', 'qr_redeemed', 'qr_refused'] as const),
  ],
  api_key: ['create', 'revoke', 'used'],
  upload: ['begun', 'validated', 'rejected', 'dropped'],
  inbox: ['claimed', 'duplicate', 'refused', 'offline', 'online'],
  job: [
    ...([
      'submitted',
      'refused',
      'paused',
      'resumed',
      'cancelled',
      'retried',
      'deleted',
      'restored',
      'purged',
      'archived',
      'unarchived',
      'card_changed',
      'lines_edited',
      'speakers_saved',
      'import_stored',
      'import_dropped',
    ] as const),
    ...(['priority_changed', 'finished', 'failed', 'set_aside'] as const),
    ...(['worker_spawned', 'worker_timeout', 'worker_exit'] as const),
  ],
  library: [
    ...(['preset_saved', 'preset_changed', 'preset_removed'] as const),
    ...(['series_saved', 'series_changed', 'series_removed'] as const),
  ],
  queue: ['paused', 'resumed', 'draining'],
  file: ['downloaded', 'linked'],
  notify: ['sent', 'failed'],
  retention: ['swept'],
  privacy: [
    'policy_applied',
    'purge_planned',
    'purge_begun',
    'purge_done',
    'purge_interrupted',
    'purge_failed',
  ],
  remote: ['denied'],
  'security.crypto_at_rest': ['enabled', 'encrypt_failed'],
  security: ['startup_checked', 'startup_weak_secrets'],
  admin: [
    ...(['viewed', 'user_created', 'user_invited', 'user_changed', 'user_removed', 'role_changed'] as const),
    ...(['settings_changed', 'remote_mode_changed', 'backup_downloaded'] as const),
    ...(['inbox_rescanned', 'queue_mode_set'] as const),
  ],
  daemon: ['started', 'stopped'],
  store: ['recovered'],
  audit: ['recovered', 'gap'],
} as const;

type Events = typeof events;

export type AuditAction = {
  [Area in keyof Events]: `${Area}.${Events[Area][number]}`;
}[keyof Events];

export const auditActions: ReadonlySet<string> = new Set(
  Object.entries(events).flatMap(([area, names]) => names.map(name => `${area}.${name}`)),
);
