/**
 * The shell text that runs as another user. Pure: values in, text out.
 *
 * One shell for each session, the hand, obeys lines that it reads and answers each with a line `.` at the
 * end. It starts the shells that run actions, each in a session of its own, so that no signal to an action
 * reaches the hand; it looks for what carries a mark, signals, and removes files: all that this process may
 * not do to another user's processes and files. It ends when nobody can write to it any more.
 *
 *     shell IN OUT SCRIPT          starts a shell between two pipes; it says `h <pid>` first
 *     exit PID                     how that shell ended, when it has
 *     find MARK PATTERN            pids whose environment has the mark, or whose output is such a pipe
 *     signal NAME PID START …      those of them that are still the very same
 *     group NAME PGID              a whole process group
 *     remove                       everything of the user in the working directory
 */
import { plainLoop } from './shell-script.ts';
import { quoted } from './shell-words.ts';

export interface HandPlaces {
  /** The session's own folder, with the pipes. */
  readonly folder: string;
  readonly control: string;
  readonly reply: string;
  readonly workingDirectory: string;
  readonly markName: string;
}

const userLoop = `echo "h $$"; ${plainLoop}`;

export const handScript = (places: HandPlaces): string => `
cd ${quoted(places.folder)} || exit 1
exec <./${places.control} >./${places.reply} 2>/dev/null
unset SUDO_COMMAND SUDO_USER SUDO_UID SUDO_GID OLDPWD
work=${quoted(places.workingDirectory)}
echo $$
env -0
echo .
start_of() {
  line=
  while read -r part; do line="$line $part"; done <"/proc/$1/stat"
  field_20 \${line##*)}
}
field_20() { start=\${20}; }
signal() {
  name=$1
  shift
  while [ $# -gt 1 ]; do
    start=
    start_of "$1"
    [ "$start" = "$2" ] && kill -s "$name" "$1"
    shift 2
  done
}
remove() {
  rm -rf -- "$work"
  [ -z "$(ls -A "$work")" ] && return
  chmod -R u+rwX "$work"
  rm -rf -- "$work"
}
while read -r word rest; do
  set -f
  set -- $rest
  set +f
  case $word in
    shell) setsid /bin/sh -c ${quoted(userLoop)} sh ${quoted(`${places.folder}/`)}"$3" <"./$1" >"./$2" & ;;
    exit) wait "$1"; echo $? ;;
    find)
      grep -lsF -- "${places.markName}=$1" /proc/[0-9]*/environ
      find /proc/[0-9]*/fd/1 /proc/[0-9]*/fd/2 -maxdepth 0 -lname "$2" ;;
    signal) signal "$@" ;;
    group) kill -s "$1" -- "-$2" ;;
    remove) remove ;;
  esac
  echo .
done
`;
