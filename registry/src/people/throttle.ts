/**
 * Slows down who guesses passwords: by the name that is tried and by the address it is tried from.
 *
 * Some tries are free, then each failure doubles the time until the next try is looked at, up to five minutes.
 * Guesses from elsewhere do not lock a person out of a place where that person has logged in before. Nothing of
 * it survives a restart of the server.
 */
import { isIPv6 } from 'node:net';
import { PiplError } from '@pipl/packl';

/** Answered as 429 with `Retry-After`. */
export class TooManyTries extends PiplError {
  readonly retryAfter: number;
  /** @param seconds until the next try is looked at */
  constructor(seconds: number) {
    super({
      code: 'PIPL_TOO_MANY_TRIES',
      kind: 'auth',
      message: 'Too many logins have failed.',
      why: 'Passwords are being guessed for this user, or from this address.',
      hint: `Try again in ${seconds} s; root can look at \`pipl proj audit\`.`,
    });
    this.retryAfter = seconds;
  }
}

export interface Try {
  /** The password was right: this place may try again at once. */
  succeeded(): void;
}

export interface Throttle {
  /** Counts as a failure until it is said to have succeeded. @throws TooManyTries */
  begin(user: string, address: string): Try;
}

interface Account {
  failures: number;
  /** ms; nothing is looked at before */
  until: number;
  /** ms; forgotten when nothing happened for this long after */
  last: number;
}

const freeTries = { user: 5, address: 20 } as const;
const longestPause = 5 * 60_000;
const memory = 15 * 60_000;
/** An attacker with many names or addresses must not fill the memory. */
const mostAccounts = 20_000;

/** Who owns one IPv6 address owns all of its /64. */
const networkOf = (address: string) => (isIPv6(address) ? address.split(':').slice(0, 4).join(':') : address);

/** @param now ms */
export function openThrottle(now: () => number): Throttle {
  const accounts = new Map<string, Account>();
  const known = new Set<string>();

  const accountOf = (key: string): Account => {
    const found = accounts.get(key);
    const fresh = found !== undefined && now() - found.last < memory;
    const account = fresh ? found : { failures: 0, until: 0, last: now() };
    accounts.delete(key);
    accounts.set(key, account);
    if (accounts.size > mostAccounts) accounts.delete(accounts.keys().next().value ?? key);
    return account;
  };
  const fail = (account: Account, free: number) => {
    account.failures += 1;
    account.last = now();
    const over = account.failures - free;
    if (over >= 0) account.until = now() + Math.min(1000 * 2 ** Math.min(over, 20), longestPause);
  };

  return {
    begin(user, address) {
      const network = networkOf(address);
      const pair = `${user} ${network}`;
      const isKnown = known.has(pair);
      const byUser = accountOf(isKnown ? `pair ${pair}` : `user ${user}`);
      const byAddress = accountOf(`address ${network}`);
      const pause = Math.max(byUser.until, isKnown ? 0 : byAddress.until) - now();
      if (pause > 0) throw new TooManyTries(Math.ceil(pause / 1000));
      fail(byUser, freeTries.user);
      fail(byAddress, freeTries.address);
      return {
        succeeded() {
          byUser.failures = 0;
          byUser.until = 0;
          byAddress.failures = Math.max(0, byAddress.failures - 1);
          if (byAddress.failures < freeTries.address) byAddress.until = 0;
          known.delete(pair);
          known.add(pair);
          if (known.size > mostAccounts) known.delete(known.keys().next().value ?? pair);
        },
      };
    },
  };
}
