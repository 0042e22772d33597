/**
 * What Verdaccio's pages may load. What a README smuggles in can load nothing from elsewhere, run nothing and
 * send nothing away.
 *
 * The two hashes are of the styles that the pages of 6.10.4 put into themselves: an empty one, filled through the
 * object model, and one of fixed rules; a style that stands in a README is neither.
 */
const styles = [
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
  "'sha256-deDIoPlRijnpfbTDYsK+8JmDfUBmpwpnb0L/SUV8NeU='",
];

export const contentPolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  `style-src 'self' ${styles.join(' ')}`,
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');
