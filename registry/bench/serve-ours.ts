/** Our registry in a process of its own: prints where it is and a token of root, serves until it is killed. */
import { join } from 'node:path';
import { indexName } from '@pipl/packl';
import { openDatabase, startRegistry } from '@pipl/registry';

const [dir = '', mode = ''] = process.argv.slice(2);
const began = performance.now();
const common = indexName('root/film');
const db = await openDatabase(join(dir, 'db', 'pipl.sqlite'));
const registry = await startRegistry({
  dataDir: dir,
  db,
  project: 'bench',
  common: String(common),
  host: '127.0.0.1',
  port: 0,
});
await registry.createIndex(common);
for (let index = 1; index < Number(mode); index++) {
  await registry.createIndex(indexName(`root/i${index}`), { bases: [common] });
}
const token = await registry.issueUserToken('root');
console.log(
  JSON.stringify({ url: `${registry.url}/root/film/`, token, milliseconds: performance.now() - began }),
);
