/** Verdaccio as it is, with its own storage, in a process of its own: prints where it is, serves until killed. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { runServer } from 'verdaccio';

const [dir = ''] = process.argv.slice(2);
const configuration = {
  configPath: join(dir, 'config.yaml'),
  storage: join(dir, 'storage'),
  uplinks: {},
  packages: { '@*/*': { access: '$all', publish: '$all' }, '**': { access: '$all', publish: '$all' } },
  auth: { htpasswd: { file: join(dir, 'htpasswd') } },
  web: { enable: false },
  max_body_size: '200mb',
  log: { type: 'stdout', format: 'json', level: 'fatal' },
};
const server = (await runServer(configuration as never)) as Server;
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}/` }));
});
