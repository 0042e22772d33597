/** Under which heading `pipl help` lists a command: what people look for first comes first. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'Every day:': 'status work packl task add publish update asset commands do'.split(' '),
  'What happened, and what would:': 'runs run logs why waves plan resolve diff lineage verify rerun'.split(
    ' ',
  ),
  'Who lets it in:': 'promote approve retake'.split(' '),
  'The project:': 'proj login logout open doctor fsck config env'.split(' '),
};
const others = 'For programs and shells:';

export const helpGroupOf = (command: string): string =>
  Object.entries(groups).find(([, names]) => names.includes(command))?.[0] ?? others;
