/** A registry process of the crash test: prints its address and serves until it is killed. */
import { join } from 'node:path';
import { indexName } from '@pipl/packl';
import { openDatabase, startRegistry } from '@pipl/registry';

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('which folder?');
const db = await openDatabase(join(dataDir, 'db', 'pipl.sqlite'));
const registry = await startRegistry({ dataDir, db, project: 'film', host: '127.0.0.1', port: 0 });
await registry.createIndex(indexName('root/film'));
console.log(JSON.stringify({ url: registry.url, token: await registry.issueUserToken('root') }));
