/** Owns which key leads to what puts an alert right. Pure. */
import type {AlertCode} from '../../../appliance/api/status.ts';
import {unreachable} from '../../../appliance/result.ts';

/** As it is said: the key, and what is there. */
export function alertKey(code: AlertCode): string {
  switch (code) {
    case 'disk-low':
    case 'store-trouble':
    case 'audit-trouble':
      return '5: see what fills the disk, and give it up';
    case 'inbox-offline':
      return '3: see the inbox';
    case 'set-aside':
      return '2, then t on each: try them again';
    case 'folder-away':
    case 'push-trouble':
    case 'isolation':
    case 'warning':
      return '9: see what the doctor says';
    default:
      return unreachable(code);
  }
}
