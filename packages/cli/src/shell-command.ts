/** The person's own shell: interactive at a terminal, else it reads what it is sent. */
export function shellCommand(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') return [env['ComSpec'] ?? 'cmd.exe'];
  const shell = env['SHELL'] || '/bin/sh';
  return process.stdin.isTTY ? [shell, '-i'] : [shell];
}
