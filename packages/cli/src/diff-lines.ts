/** Two runs or versions side by side: only what differs. Pure. */
import type { Compared, Difference } from '@pipl/project';

const titles: Readonly<Record<keyof Compared['differences'], string>> = {
  packl: 'packl',
  direct: 'dependencies',
  closure: 'further down',
  code: 'code',
  environment: 'environment',
  assets: 'assets',
  parameters: 'parameters',
  job: 'job',
};

export function diffLines({ left, right, differences, unknown }: Compared): string[] {
  const names = Object.keys(titles) as (keyof typeof titles)[];
  const found = names.filter((part) => differences[part].length > 0);
  const same = names.filter((part) => differences[part].length === 0 && !unknown.includes(part));
  return [
    `- ${left.label}`,
    `+ ${right.label}`,
    ...found.flatMap((part) => [`${titles[part]}:`, ...differences[part].map((one) => `  ${words(one)}`)]),
    ...(found.length === 0 ? ['No difference in what is known of both.'] : []),
    ...(same.length === 0 ? [] : [`The same: ${same.map((part) => titles[part]).join(', ')}.`]),
    ...(unknown.length === 0
      ? []
      : [`Not known of both: ${unknown.map((part) => titles[part]).join(', ')}.`]),
  ];
}

const most = 100;
const short = (text: string): string => {
  const line = text.replaceAll('\n', '⏎');
  return line.length > most ? `${line.slice(0, most)}…` : line;
};

function words({ name, left, right }: Difference): string {
  if (left === undefined) return `+ ${name} ${short(right ?? '')}`;
  if (right === undefined) return `- ${name} ${short(left)}`;
  return `${name} ${short(left)} → ${short(right)}`;
}
