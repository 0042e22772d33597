/** HTML from templates: whatever is put into one is text, unless it came from one itself. */

const made = Symbol('html');

export interface Html {
  readonly [made]: string;
}

type Piece = string | number | Html | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (one) => entities[one] ?? one);

function textOf(piece: Piece): string {
  if (typeof piece === 'string') return escapeHtml(piece);
  if (typeof piece === 'number') return String(piece);
  return made in piece ? piece[made] : piece.map((one) => one[made]).join('');
}

/** In an attribute, put the quotes around the piece: `href="${url}"`. */
export const html = (texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html => ({
  [made]: texts.map((text, i) => text + (i < pieces.length ? textOf(pieces[i]!) : '')).join(''),
});

export const pageText = (page: Html): string => `<!doctype html>\n${page[made]}\n`;

/** For pages that load nothing from elsewhere and run nothing that stands in them. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};
