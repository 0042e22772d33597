/**
 * A user of a Windows machine, with the surface of the POSIX one. It holds who it is and keeps the
 * password from logs; a session of this package runs on POSIX systems only and refuses it there.
 */
import { userInfo } from 'node:os';

import { SessionUserError } from './errors.ts';

export class WindowsSessionUser {
  readonly kind = 'windows';
  /** `name`, `DOMAIN\name` or `name@domain`. */
  readonly user: string;
  readonly #password: string | undefined;

  /** @throws SessionUserError for a name that Windows cannot have, or a password for this process's own user */
  constructor(user: string, { password }: { password?: string } = {}) {
    if (!/^[^"/[\]:;|=,+*?<>\0]{1,256}$/.test(user)) {
      throw new SessionUserError(`${JSON.stringify(user)} cannot be a Windows user`, {
        why: 'A name has 1 to 256 characters and none of "/[]:;|=,+*?<>.',
        hint: 'Give `name`, `DOMAIN\\name` or `name@domain`.',
      });
    }
    this.user = user;
    this.#password = password;
    if (this.isProcessUser && password !== undefined) {
      throw new SessionUserError(`A password for ${user} is not wanted`, {
        why: 'It is the user of this process already.',
        hint: 'Leave `password` out.',
      });
    }
  }

  get password(): string | undefined {
    return this.#password;
  }

  /** Whether it is the user of this process. Windows does not tell upper from lower case in names. */
  get isProcessUser(): boolean {
    return process.platform === 'win32' && accountName(this.user) === accountName(userInfo().username);
  }
}

const accountName = (user: string): string => user.replace(/^.*\\/, '').replace(/@.*$/, '').toLowerCase();
