/** What an action tells the session that runs it: lines that Open Job Description defines. */

const line = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, ' ').trim();

export interface Say {
  progress(percent: number): void;
  status(text: string): void;
  fail(text: string): void;
}

export const say = (write: (text: string) => void): Say => ({
  progress: (percent) =>
    write(`openjd_progress: ${Math.round(Math.min(100, Math.max(0, percent)) * 10) / 10}\n`),
  status: (text) => write(`openjd_status: ${line(text)}\n`),
  fail: (text) => write(`openjd_fail: ${line(text)}\n`),
});
