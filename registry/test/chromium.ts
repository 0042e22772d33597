/** The browser of the tests; where there is none, they are skipped with the reason. */
import { existsSync } from 'node:fs';

const places = [process.env['PIPL_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const found = places.find((place) => place !== undefined && existsSync(place));

export const executablePath = found ?? '';
export const noChromium = found === undefined;

if (noChromium) {
  const reason = 'No Chromium: install Debian’s package chromium, or name one with PIPL_CHROMIUM.';
  if (process.env['PIPL_TEST_REQUIRE'] === 'all') throw new Error(reason);
  console.warn(`skipped: ${reason}`);
}
