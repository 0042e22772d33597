/** Tokens of people, and the audit log, as the project's server keeps them. */
import type { AuditLine, NewToken, RegistryClient, TokenView } from '@pipl/registry-client';

/** @param user somebody else's, for root */
export const listTokens = (client: RegistryClient, user?: string): Promise<readonly TokenView[]> =>
  client.tokens(user);

/** A token of the person who asks, told once. @throws PIPL_TOKEN_REQUEST (exit 2) */
export const createToken = (
  client: RegistryClient,
  token: NewToken,
): Promise<{ readonly token: string; readonly user: string }> => client.createToken(token);

/** @throws PIPL_NO_TOKEN (exit 3) */
export const revokeToken = (client: RegistryClient, id: string, user?: string): Promise<void> =>
  client.revokeToken(id, user);

/** Newest first, at most `limit`, over as many pages as that takes. Root only. */
export async function readAudit(
  client: RegistryClient,
  { limit }: { limit: number },
): Promise<readonly AuditLine[]> {
  const lines: AuditLine[] = [];
  for (let before: string | undefined; lines.length < limit;) {
    const page = await client.audit({
      limit: Math.min(limit - lines.length, 1000),
      ...(before === undefined ? {} : { before }),
    });
    lines.push(...page.lines);
    before = page.next;
    if (before === undefined) break;
  }
  return lines;
}
