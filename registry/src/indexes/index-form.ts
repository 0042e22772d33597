/**
 * The page on which indexes are made, changed and removed. It holds no data: its script asks the API with the
 * token of whoever logs in on it, and keeps that token until the tab is closed. What it shows it writes as text.
 */
import { html, type Html } from '../pages/html.ts';
import { indexFormScript } from './index-form-script.ts';

const style = `form { display: grid; grid-template-columns: max-content minmax(0, 40rem); gap: .5rem 1rem; margin: 1rem 0; }
form p, form fieldset { grid-column: 1 / -1; margin: 0; }
label { align-self: center; }
input[type=text], input[type=password] { font: inherit; padding: .2rem .4rem; width: 100%; box-sizing: border-box; }
small { display: block; opacity: .75; }
button { font: inherit; padding: .2rem .8rem; }
#told { white-space: pre-line; min-height: 1.5em; font-weight: 600; }
#told.refused { color: #c22; }
[hidden] { display: none !important; }
`;

/** By their path at the root of the project. */
export const indexFormFiles: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/-/pipl/indexes.css': { type: 'text/css; charset=utf-8', text: style },
  '/-/pipl/indexes.js': { type: 'text/javascript; charset=utf-8', text: indexFormScript },
};

export const indexFormLink = { title: 'Make and change indexes', path: '/-/pipl/indexes' };

interface Field {
  readonly id: string;
  readonly label: string;
  readonly about: string;
}

const fields: readonly Field[] = [
  { id: 'name', label: 'Name', about: 'owner/name, for example alice/stage' },
  { id: 'bases', label: 'On top of', about: 'indexes it inherits from, nearest first: root/PROJ' },
  { id: 'read', label: 'May read', about: 'users, :groups, :AUTHENTICATED:, :ANONYMOUS:; empty: everybody' },
  { id: 'publish', label: 'May publish', about: 'empty: its owner; in the project’s own index every user' },
  { id: 'promote', label: 'May promote into it', about: 'empty: who may publish' },
  { id: 'handlers', label: 'Handlers that may', about: 'for people who may not themselves: qa@alice/stage' },
  { id: 'mirror', label: 'Mirror of', about: 'only when it is made: URL of an npm registry' },
  { id: 'allow', label: 'Names a mirror may ask for', about: 'lodash @types/*; empty: all' },
];

const textField = ({ id, label, about }: Field): Html =>
  html`<label for="${id}">${label}</label>
    <span
      ><input
        id="${id}"
        name="${id}"
        type="text"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="about-${id}"
      />
      <small id="about-${id}">${about}</small></span
    >`;

/** @param prefix the public sub-path: '' or `/sub/path` */
export const indexFormPage = ({ project, prefix }: { project: string; prefix: string }): Html =>
  html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Indexes of ${project}</title>
      <link rel="icon" href="${prefix}/-/pipl/icon.svg" />
      <link rel="stylesheet" href="${prefix}/-/pipl/front.css" />
      <link rel="stylesheet" href="${prefix}/-/pipl/indexes.css" />
      <script type="module" src="${prefix}/-/pipl/indexes.js"></script>
    </head>
    <body data-api="${prefix}/-/pipl/v1" data-prefix="${prefix}">
      <header>
        <h1>Indexes</h1>
        <nav aria-label="Pages"><a href="${prefix}/">${project}</a></nav>
      </header>
      <main>
        <noscript
          >This page needs its script. The command line does the same: <code>pipl proj index</code></noscript
        >
        <p id="told" role="status"></p>
        <form id="login">
          <label for="user">User</label> <input id="user" type="text" autocomplete="username" />
          <label for="password">Password</label>
          <input id="password" type="password" autocomplete="current-password" />
          <label for="token">or token</label> <input id="token" type="password" autocomplete="off" />
          <p><button type="submit">Log in</button></p>
        </form>
        <p id="who" hidden><span></span> <button id="logout" type="button">Log out</button></p>
        <section aria-labelledby="h-list">
          <h2 id="h-list">Those that you may read</h2>
          <table>
            <thead>
              <tr>
                <th scope="col">Index</th>
                <th scope="col">On top of</th>
                <th scope="col">Kind</th>
                <th scope="col">Rights</th>
                <th scope="col"></th>
              </tr>
            </thead>
            <tbody id="indexes"></tbody>
          </table>
        </section>
        <section aria-labelledby="h-form">
          <h2 id="h-form">Make or change one</h2>
          <form id="index">
            ${fields.map(textField)} <label for="volatile">Volatile</label>
            <span
              ><input id="volatile" type="checkbox" aria-describedby="about-volatile" />
              <small id="about-volatile">a version may be published again</small></span
            >
            <p>
              <button name="do" value="make" type="submit">Make</button>
              <button name="do" value="change" type="submit">Change</button>
              <button name="do" value="remove" type="submit">Remove</button>
            </p>
            <p>On the command line: <code id="command"></code></p>
          </form>
        </section>
      </main>
    </body>
  </html>`;
