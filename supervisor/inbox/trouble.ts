/** Owns the sentences for what keeps a film in the inbox: what the system said, and what a person can do about it. */
import type {Why} from './names.ts';

const byItself = 'It goes on by itself.';

/** `code` is the system's, such as EACCES; `jobs` is the folder that films are taken into. */
export function troubleOf(code: string, name: string, jobs: string): Why {
  switch (code) {
    case 'ENOSPC':
      return {what: `${jobs} has no room for ${name}.`, fix: `Free some space there. ${byItself}`};
    case 'EDQUOT':
      return {
        what: `The disk quota of Dubstead's user has no room for ${name} in ${jobs}.`,
        fix: `Raise it, or free some space there. ${byItself}`,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        what: `${name} cannot be taken: permission denied.`,
        fix: `Let the user that Dubstead runs as read it and write to its folder (chmod, chown). ${byItself}`,
      };
    case 'EROFS':
      return {
        what: `${name} cannot be taken: its file system is mounted read-only.`,
        fix: `Mount it for reading and writing. ${byItself}`,
      };
    case 'ENAMETOOLONG':
      return {what: `The name ${name} is too long for ${jobs}.`, fix: 'Give it a shorter name.'};
    default:
      return {
        what: `${name} cannot be taken: the system says ${code}.`,
        fix: `Look at the disk that the inbox is on. ${byItself}`,
      };
  }
}
