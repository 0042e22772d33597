/** The style and the script of the front page. The script writes text only, never HTML. */

const style = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 1rem; align-items: baseline; }
h1 { margin: 0; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
tr.new { animation: arrive 2s; }
@keyframes arrive { from { background: #fc08; } }
code { background: #8882; padding: .1rem .3rem; border-radius: .2rem; overflow-wrap: anywhere; }
dt { font-weight: 600; }
dd { margin: 0 0 .5rem; }
footer { margin-top: 2rem; opacity: .7; }
@media (prefers-reduced-motion: reduce) { tr.new { animation: none; } }
`;

const script = `const table = document.getElementById('changes');
const rows = table.tBodies[0];
const longest = 50;
const link = (text, href) => {
  const a = document.createElement('a');
  a.textContent = text;
  a.href = href;
  return a;
};
const packlPath = (name) => name.split('/').map(encodeURIComponent).join('/');
const what = ({ index, name, version }) => {
  const { prefix } = table.dataset;
  if (name === '') return [link(index, prefix + '/' + index + '/')];
  return [link(name, prefix + '/' + index + '/-/web/detail/' + packlPath(name)), ' ' + version];
};
const show = (change) => {
  const row = document.createElement('tr');
  row.className = 'new';
  const cells = [[change.seq], what(change), [change.op], [change.index], [change.by], [change.at.replace('T', ' ').slice(0, 19)]];
  for (const cell of cells) {
    const td = document.createElement('td');
    td.append(...cell);
    row.append(td);
  }
  rows.prepend(row);
  while (rows.rows.length > longest) rows.lastElementChild.remove();
  document.getElementById('nothing')?.remove();
};
// The browser comes back by itself, from the last change it saw.
const stream = new EventSource(table.dataset.stream);
stream.addEventListener('change', ({ data }) => show(JSON.parse(data)));
`;

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="3" fill="#285"/><path d="M4 4h5a3 3 0 0 1 0 6H6v3H4z" fill="#fff"/></svg>
`;

/** By their path at the root of the project. */
export const frontFiles: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/-/pipl/front.css': { type: 'text/css; charset=utf-8', text: style },
  '/-/pipl/icon.svg': { type: 'image/svg+xml', text: icon },
  '/-/pipl/front.js': { type: 'text/javascript; charset=utf-8', text: script },
};
