/**
 * The front page of a project: its indexes, what changed last, how to connect. Pure: what may be shown is
 * decided before. Works without scripts; `front-files.ts` adds changes while it is open.
 */
import type { Change } from '@pipl/packl';
import type { IndexView } from '@pipl/registry-client';
import { html, type Html } from './html.ts';

export interface FrontPage {
  readonly project: string;
  readonly version: string;
  /** `https://host/sub/path`, without a slash at the end: as the reader's browser sees it */
  readonly base: string;
  /** the path in it: '' or `/sub/path` */
  readonly prefix: string;
  /** the project's own index */
  readonly common: string;
  /** those that the reader may see */
  readonly indexes: readonly IndexView[];
  /** newest first */
  readonly changes: readonly Change[];
  /** what the live part goes on from */
  readonly through: number;
  readonly links: readonly PageLink[];
}

/** Another page of this server. */
export interface PageLink {
  readonly title: string;
  /** from the root of the project, like `/-/pipl/v1/runs` */
  readonly path: string;
}

const words: Record<Change['op'], string> = {
  publish: 'published',
  overwrite: 'published again',
  promote: 'promoted',
  tag: 'tagged',
  untag: 'untagged',
  deprecate: 'deprecated',
  undeprecate: 'no longer deprecated',
  withdraw: 'withdrawn',
  index: 'index changed',
  verdict: 'judged',
  failed: 'failed',
  settled: 'wave ended',
  run: 'made by a run',
};

const packlPath = (name: string) => name.split('/').map(encodeURIComponent).join('/');

function changeRow(prefix: string, { seq, at, op, index, name, version, by }: Change): Html {
  const what =
    name === ''
      ? html`<a href="${prefix}/${index}/">${index}</a>`
      : html`<a href="${prefix}/${index}/-/web/detail/${packlPath(name)}">${name}</a> ${version}`;
  return html`<tr>
    <td>${seq}</td>
    <td>${what}</td>
    <td>${words[op]}</td>
    <td>${index}</td>
    <td>${by}</td>
    <td><time datetime="${at}">${at.replace('T', ' ').slice(0, 19)}</time></td>
  </tr>`;
}

function kindOf({ mirror, volatile, read, gate }: IndexView): string {
  const own = `${volatile ? 'volatile' : 'stable'}${gate === undefined ? '' : ', takes promotions only: it has a gate'}`;
  const kind = mirror === undefined ? own : `mirrors ${mirror}`;
  return read === undefined ? kind : `${kind}, not for everybody`;
}

const indexRow = (prefix: string, index: IndexView): Html =>
  html`<tr>
    <td><a href="${prefix}/${index.name}/">${index.name}</a></td>
    <td>${index.bases.join(', ') || '–'}</td>
    <td>${kindOf(index)}</td>
  </tr>`;

const indexTable = ({ prefix, indexes }: FrontPage): Html =>
  indexes.length === 0
    ? html`<p>None that you may read without logging in: <code>pipl login</code></p>`
    : html`<table>
        <thead>
          <tr>
            <th scope="col">Index</th>
            <th scope="col">On top of</th>
            <th scope="col">Kind</th>
          </tr>
        </thead>
        <tbody>
          ${indexes.map((index) => indexRow(prefix, index))}
        </tbody>
      </table>`;

const changeTable = ({ prefix, changes, through }: FrontPage): Html =>
  html`<table
      id="changes"
      data-stream="${prefix}/-/pipl/v1/changes/stream?since=${through}"
      data-prefix="${prefix}"
    >
      <thead>
        <tr>
          <th scope="col">Change</th>
          <th scope="col">What</th>
          <th scope="col">How</th>
          <th scope="col">Index</th>
          <th scope="col">Who</th>
          <th scope="col">When (UTC)</th>
        </tr>
      </thead>
      <tbody>
        ${changes.map((change) => changeRow(prefix, change))}
      </tbody>
    </table>
    ${changes.length === 0 ? html`<p id="nothing">Nothing yet. Publish a packl: <code>pipl packl publish</code></p>` : ''}`;

function connecting({ base, common }: FrontPage): Html {
  const registry = `${base}/${common}/`;
  return html`<dl>
    <dt>pipl</dt>
    <dd><code>pipl login ${base}</code></dd>
    <dt>npm</dt>
    <dd><code>npm config set registry ${registry}</code> <code>npm login --registry ${registry}</code></dd>
    <dt>pnpm</dt>
    <dd><code>pnpm config set registry ${registry}</code></dd>
    <dt>yarn</dt>
    <dd><code>yarn config set npmRegistryServer ${registry}</code></dd>
  </dl>`;
}

export const frontPage = (page: FrontPage): Html =>
  html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${page.project}</title>
      <link rel="icon" href="${page.prefix}/-/pipl/icon.svg" />
      <link rel="stylesheet" href="${page.prefix}/-/pipl/front.css" />
      <script type="module" src="${page.prefix}/-/pipl/front.js"></script>
    </head>
    <body>
      <header>
        <h1>${page.project}</h1>
        <nav aria-label="Pages">
          ${page.links.map(({ title, path }) => html`<a href="${page.prefix}${path}">${title}</a> `)}
        </nav>
      </header>
      <main>
        <section aria-labelledby="h-indexes">
          <h2 id="h-indexes">Indexes</h2>
          ${indexTable(page)}
        </section>
        <section aria-labelledby="h-changes">
          <h2 id="h-changes">Latest changes</h2>
          ${changeTable(page)}
        </section>
        <section aria-labelledby="h-connect">
          <h2 id="h-connect">Connect</h2>
          ${connecting(page)}
        </section>
      </main>
      <footer>pipl ${page.version}</footer>
    </body>
  </html>`;
