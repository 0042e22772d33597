/**
 * How else a secret may be written: in base64, alone or inside something longer, in lines as tools break them,
 * and as part of a URL. Pure.
 */

/** Shorter encodings would be found in words that have nothing to do with the secret. */
const least = 8;
/** Where `base64` and `openssl` break lines. */
const widths = [76, 64];

/** Longer secrets than keys and certificates have so many spellings that looking for them would hold up the log. */
const most = 8192;

/** Every spelling of a text besides itself. */
export function formsOf(secret: string): string[] {
  if (secret.length > most) return [];
  const bytes = Buffer.from(secret);
  const whole = bytes.toString('base64');
  const inside = [0, 1, 2].map((offset) => base64Of(bytes, offset));
  const wrapped = widths.flatMap((width) => linesOf(whole, width));
  const found = [whole, whole.replace(/=+$/, ''), ...inside, ...wrapped].filter(
    ({ length }) => length >= least,
  );
  const forms = [...found, ...found.map(urlSafe), ...percentForms(secret)];
  return [...new Set(forms)].filter((form) => form !== secret);
}

/** What is the same wherever these bytes stand, `offset` bytes after a multiple of three. */
function base64Of(bytes: Buffer, offset: number): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
  const start = Math.ceil((offset * 4) / 3);
  return shifted.toString('base64').slice(start, Math.floor((shifted.length * 4) / 3));
}

function linesOf(encoded: string, width: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < encoded.length; at += width) lines.push(encoded.slice(at, at + width));
  return lines.length > 1 ? lines : [];
}

const urlSafe = (encoded: string): string => encoded.replaceAll('+', '-').replaceAll('/', '_');

/** As JavaScript, Python, HTML forms and shells write it. Slashes may stay; hexadecimals may be small. */
function percentForms(secret: string): string[] {
  const plain = encodeURIComponent(secret.toWellFormed());
  const strict = plain.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [
    new URLSearchParams([['', secret]]).toString().slice(1),
    ...[plain, strict].flatMap((form) => [form, form.replaceAll('%20', '+'), form.replaceAll('%2F', '/')]),
  ];
  return [...all, ...all.map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))];
}
