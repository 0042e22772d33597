/** The script of the page for indexes, as browsers run it. Text goes into the page as text, never as HTML. */
export const indexFormScript = `const { api, prefix } = document.body.dataset;
const at = (id) => document.getElementById(id);
const key = 'pipl-token';
const lists = ['bases', 'read', 'publish', 'promote', 'handlers', 'allow'];
const words = (text) => text.split(/[\\s,]+/).filter((word) => word !== '');
let known = [];

const tell = (text, refused = false) => {
  at('told').textContent = text;
  at('told').classList.toggle('refused', refused);
};

async function ask(method, path, body) {
  const token = sessionStorage.getItem(key);
  const response = await fetch(api + path, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: 'Bearer ' + token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw Object.assign(new Error([answer.message, answer.why, answer.hint].filter(Boolean).join('\\n')), {
    code: answer.code,
  });
}

const cell = (row, ...parts) => {
  const td = document.createElement('td');
  td.append(...parts);
  row.append(td);
};

function rowOf(index) {
  const row = document.createElement('tr');
  const link = document.createElement('a');
  link.textContent = index.name;
  link.href = prefix + '/' + index.name + '/';
  const rights = ['read', 'publish', 'promote'].filter((right) => index[right] !== undefined);
  const edit = document.createElement('button');
  edit.type = 'button';
  edit.textContent = 'Edit ' + index.name;
  edit.addEventListener('click', () => fill(index));
  cell(row, link);
  cell(row, index.bases.join(', '));
  cell(row, index.mirror === undefined ? (index.volatile ? 'volatile' : 'stable') : 'mirror');
  cell(row, rights.map((right) => right + ': ' + index[right].join(' ')).join('; ') + (index.gate ? ' gated' : ''));
  cell(row, edit);
  return row;
}

async function show() {
  known = (await ask('GET', '/indexes')).indexes;
  at('indexes').replaceChildren(...known.map(rowOf));
  const in_ = sessionStorage.getItem(key) !== null;
  at('login').hidden = in_;
  at('who').hidden = !in_;
  at('who').firstElementChild.textContent = in_ ? 'Logged in' : '';
}

function fill(index) {
  for (const id of ['name', 'mirror']) at(id).value = index[id] ?? '';
  for (const id of lists) at(id).value = textOf(id, index[id] ?? []);
  at('volatile').checked = index.volatile;
  command();
  at('name').focus();
}
const textOf = (id, list) =>
  list.map((one) => (id === 'handlers' ? one.handler + '@' + one.from : one)).join(' ');

/** An empty list of rights means the default; bases may be none at all. */
function settings() {
  const name = at('name').value.trim();
  const mirror = at('mirror').value.trim();
  const before = known.find((index) => index.name === name);
  const change = { volatile: at('volatile').checked };
  if (mirror !== '' && mirror !== before?.mirror) change.mirror = mirror;
  for (const id of lists) {
    const list = words(at(id).value);
    change[id] = list.length > 0 || id === 'bases' ? list : null;
  }
  return { name, change };
}

const option = (word, list) => (list === null || list.length === 0 ? '' : ' --' + word + ' ' + list.join(' '));
function command() {
  const { name, change } = settings();
  const verb = known.some((index) => index.name === name) ? 'set' : 'create';
  at('command').textContent =
    'pipl proj index ' + verb + ' ' + (name || 'OWNER/NAME') +
    option('base', change.bases) + option('read', change.read) + option('publish', change.publish) +
    option('promote', change.promote) + option('handler', change.handlers) + option('allow', change.allow) +
    (verb === 'create' && change.volatile ? ' --volatile' : '') +
    (change.mirror === undefined ? '' : ' --mirror ' + change.mirror);
}

const doing = {
  async make(name, change) {
    await ask('PUT', '/indexes/' + name, { ...change, fresh: true });
    return 'Made ' + name + '.';
  },
  async change(name, change) {
    if (!known.some((index) => index.name === name)) throw new Error('There is no index ' + name + ' to change.');
    await ask('PUT', '/indexes/' + name, change);
    return 'Changed ' + name + '.';
  },
  async remove(name) {
    const typed = prompt('This cannot be undone. Type the name of the index to remove it.');
    if (typed !== name) return 'Nothing was removed.';
    const path = '/indexes/' + name;
    try {
      await ask('DELETE', path);
    } catch (error) {
      if (error.code !== 'PIPL_INDEX_NOT_EMPTY' || !confirm(error.message)) throw error;
      await ask('DELETE', path + '?force=1');
    }
    return 'Removed ' + name + '.';
  },
};

const trying = async (work) => {
  try {
    tell('');
    const said = await work();
    await show();
    tell(said);
  } catch (error) {
    tell(error.message, true);
  }
};

at('index').addEventListener('submit', (event) => {
  event.preventDefault();
  const { name, change } = settings();
  const work = doing[event.submitter?.value ?? 'make'];
  void trying(() => work(name.split('/').map(encodeURIComponent).join('/'), change));
});
at('index').addEventListener('input', command);
at('login').addEventListener('submit', (event) => {
  event.preventDefault();
  void trying(async () => {
    const given = at('token').value.trim();
    const login = () => ask('POST', '/login', { user: at('user').value, password: at('password').value });
    sessionStorage.removeItem(key);
    sessionStorage.setItem(key, given === '' ? (await login()).token : given);
    for (const id of ['password', 'token']) at(id).value = '';
    try {
      await show();
    } catch (error) {
      sessionStorage.removeItem(key);
      throw error;
    }
    return 'Logged in.';
  });
});
at('logout').addEventListener('click', () => {
  sessionStorage.removeItem(key);
  void trying(async () => 'Logged out.');
});
command();
void trying(async () => '');
`;
