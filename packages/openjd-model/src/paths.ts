/** Where PATH parameters point, on the kind of machine that submits: no file is looked at. */
import { posix, win32 } from 'node:path';

/** `C:\shots` and `\\server\share` are Windows folders; everything else is POSIX. */
const styleOf = (folder: string) => (/^(?:[A-Za-z]:|\\\\)/.test(folder) ? win32 : posix);

/** `s3://bucket/key`: a place that no folder contains, taken as it is. */
export const isUri = (path: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(path);

/** Absolute on any machine: a template may travel to one of the other kind. */
export const isAbsolute = (path: string): boolean => /^(?:[/\\]|[A-Za-z]:)/.test(path);

/** True if following the path would at some point be above the folder it starts in. */
export function leavesItsFolder(path: string): boolean {
  let depth = 0;
  for (const part of path.split(/[/\\]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** A path seen from a folder, without `.` and `..`. Absolute paths and URIs stand for themselves. */
export function placedIn(folder: string, path: string): string {
  if (path === '' || isUri(path)) return path;
  const style = styleOf(folder);
  return style.isAbsolute(path) ? path : style.normalize(style.join(folder, path));
}
