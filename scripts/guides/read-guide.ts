/**
 * A guide as what a reader does with it: the commands it shows, in order, and the files it has them write.
 *
 * A fence `console` holds commands (`$ …`; a line `> …` goes on) and below each what it prints. `…` stands for any text
 * of a line; a line of `…` alone for any lines. A command below which a line begins with `error:` must fail, every
 * other must not. A fence with a language and a path (```` ```ts src/count.ts ````) is a file, written where the reader
 * stands then.
 */

export type Act =
  | {
      readonly is: 'command';
      readonly line: number;
      readonly command: string;
      readonly prints: readonly string[];
    }
  | { readonly is: 'file'; readonly line: number; readonly path: string; readonly text: string };

/** @throws Error naming the line of a fence that is not closed, or of output without a command */
export function readGuide(markdown: string): Act[] {
  const lines = markdown.split('\n');
  const acts: Act[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, language, path] = /^```(\S+)(?: (\S+))?$/.exec(lines[at]!) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    if (end === -1) throw new Error(`line ${at + 1}: this fence is not closed`);
    const body = lines.slice(at + 1, end);
    if (language === 'console') acts.push(...commandsIn(body, at + 2));
    else if (path !== undefined) acts.push({ is: 'file', line: at + 1, path, text: `${body.join('\n')}\n` });
    at = end;
  }
  return acts;
}

function commandsIn(body: readonly string[], first: number): Act[] {
  const acts: { is: 'command'; line: number; command: string; prints: string[] }[] = [];
  for (const [offset, text] of body.entries()) {
    const last = acts.at(-1);
    if (text.startsWith('$ ')) {
      acts.push({ is: 'command', line: first + offset, command: text.slice(2), prints: [] });
    } else if (last === undefined) {
      throw new Error(`line ${first + offset}: nothing was typed before this output`);
    } else if (text.startsWith('> ') && last.prints.length === 0) last.command += `\n${text.slice(2)}`;
    else if (text !== '') last.prints.push(text);
  }
  return acts;
}

/** @returns the first expected line that is not there, in order; undefined: all are */
export function missingLine(prints: readonly string[], output: string): string | undefined {
  const lines = output.split('\n').map((line) => line.trimEnd());
  let at = 0;
  for (const wanted of prints) {
    if (wanted.trim() === '…') continue;
    const pattern = new RegExp(
      `^${wanted
        .trimEnd()
        .split('…')
        .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll(/ {2,}/g, ' +'))
        .join('.*')}$`,
    );
    const found = lines.findIndex((line, place) => place >= at && pattern.test(line));
    if (found === -1) return wanted;
    at = found + 1;
  }
  return undefined;
}
