/** The times of log lines, to the microsecond as the reference writes them. */
export type TimestampFormat = 'relative' | 'local' | 'utc';

/** Microseconds since 1970. Steady while the process lives, whatever becomes of the machine's clock. */
export const microseconds = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);

export function timestamp(at: number, { format, start }: { format: TimestampFormat; start: number }): string {
  switch (format) {
    case 'relative':
      return elapsed(Math.max(0, at - start));
    case 'local':
      return iso(at, -new Date(at / 1000).getTimezoneOffset());
    case 'utc':
      return iso(at, 0);
  }
}

const two = (value: number): string => String(value).padStart(2, '0');
const fraction = (micro: number): string => (micro === 0 ? '' : `.${String(micro).padStart(6, '0')}`);

/** `1:02:03.000400`, days in front when there are any. */
export function elapsed(micro: number): string {
  const seconds = Math.floor(micro / 1_000_000);
  const days = Math.floor(seconds / 86_400);
  const day = days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `;
  const [h, m, s] = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return `${day}${h}:${two(m)}:${two(s)}${fraction(micro % 1_000_000)}`;
}

/** @param offset minutes east of UTC */
function iso(micro: number, offset: number): string {
  const shifted = new Date(Math.floor(micro / 1000) + offset * 60_000).toISOString().slice(0, 19);
  const away = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`;
  return `${shifted}${fraction(micro % 1_000_000)}${zone}`;
}
