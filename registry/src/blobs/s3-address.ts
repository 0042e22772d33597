/**
 * `s3://bucket/prefix`, taken apart once. What S3 would understand differently from what a person sees is refused:
 * user names, ports, queries, `..`, escapes.
 */
import { piplError } from '@pipl/packl';

export interface Bucket {
  readonly bucket: string;
  /** without a slash at either end; may be empty */
  readonly prefix: string;
  /** of something that speaks S3 and is not AWS */
  readonly endpoint?: string;
}

const refused = (address: string, why: string) =>
  piplError('usage', 'PIPL_BLOBS_ADDRESS', {
    what: `"${address.slice(0, 200)}" cannot hold the tarballs of a project.`,
    why,
    hint: 'Write s3://BUCKET/PREFIX; credentials come from the environment or the files of the AWS tools.',
  });

const bucketName = /^(?!\d{1,3}(?:\.\d{1,3}){3}$)[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]$/;
const segment = /^(?!\.{1,2}$)[\w.=+-]+$/;

/** @throws PIPL_BLOBS_ADDRESS */
export function parseBucket(address: string, endpoint?: string): Bucket {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(address) ?? [];
  if (!bucketName.test(bucket))
    throw refused(address, 'It does not begin with s3:// and the name of a bucket.');
  const prefix = rest.replace(/\/$/, '');
  if (prefix !== '' && (prefix.length > 512 || !prefix.split('/').every((part) => segment.test(part)))) {
    throw refused(
      address,
      'The part behind the bucket may have letters, digits and - _ . = + between single slashes.',
    );
  }
  return { bucket, prefix, ...(endpoint === undefined ? {} : { endpoint: parseEndpoint(endpoint) }) };
}

function parseEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isPlain =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === '' &&
    url.pathname === '/';
  if (!isPlain)
    throw refused(endpoint, 'An endpoint is http(s)://HOST[:PORT], and nothing secret stands in it.');
  return url.origin;
}
