/** The words for tokens and the audit log, as the server answers them. */
import type { IndexName } from '@pipl/packl';

export const tokenOperations = ['read', 'publish', 'tag', 'deprecate', 'withdraw', 'promote'] as const;
export type TokenOperation = (typeof tokenOperations)[number];

/** What a token may do; what is absent is not limited. */
export interface TokenLimits {
  readonly indexes?: readonly IndexName[];
  /** names or patterns like `@film/*`: what may be changed, everything may be read */
  readonly packls?: readonly string[];
  readonly operations?: readonly TokenOperation[];
}

export interface TokenView {
  readonly id: string;
  readonly user: string;
  /** absent for a login */
  readonly label?: string;
  readonly limits?: TokenLimits;
  /** ISO 8601, UTC */
  readonly createdAt: string;
  readonly expiresAt?: string;
}

/** What a token shall be; without limits it may do what its owner may. */
export interface NewToken {
  readonly label: string;
  readonly indexes?: readonly string[];
  readonly packls?: readonly string[];
  readonly operations?: readonly string[];
  /** days; absent: until it is revoked */
  readonly days?: number;
}

export interface AuditLine {
  readonly id: string;
  /** ISO 8601, UTC */
  readonly at: string;
  /** a user, `run:<attempt>`, `anonymous`; for a login the name that was tried */
  readonly who: string;
  /** address the request came from */
  readonly from: string;
  /** `publish`, `login`, … */
  readonly action: string;
  readonly subject: string;
  /** `ok`, or the code of the refusal */
  readonly outcome: string;
}

/** What a client can do about people. Every method throws `PiplError`. */
export interface PeopleClient {
  /** @throws PIPL_LOGIN_NEEDED */
  whoami(): Promise<{ readonly name: string; readonly email?: string; readonly createdAt: string }>;
  /**
   * Creates or updates. Another password ends all tokens of the user; whoever changes their own is given a new one.
   */
  setUser(name: string, change: { password?: string; email?: string }): Promise<{ readonly token?: string }>;
  removeUser(name: string): Promise<void>;
  /** @param user somebody else's, for root */
  tokens(user?: string): Promise<readonly TokenView[]>;
  createToken(token: NewToken): Promise<{ readonly token: string; readonly user: string }>;
  revokeToken(id: string, user?: string): Promise<void>;
  /** Ends the token that this client has. */
  logout(): Promise<void>;
  /** Newest first; `next` when there is more, to be given as `before`. */
  audit(ask?: { before?: string; limit?: number }): Promise<{
    readonly lines: readonly AuditLine[];
    readonly next?: string;
  }>;
}
