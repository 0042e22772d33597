/** What was made in another index of the same is shown, not made again; and a child goes on with what is newest. */
import { expect, test } from 'vitest';
import { productManifest, project, stage, taskManifest, withStage } from '../../src/step/explorer/world.ts';
import { explain } from '../../src/step/index.ts';
import { studio } from './studio.ts';

type It = ReturnType<typeof studio>;

const stages = (it: It, name: string, version: string, content = version): void => {
  it.world.release([productManifest(name, version, content)], { index: stage });
  it.world.rest();
};

const promotes = (it: It, name: string, version: string): void => {
  it.world.promote(name, version, { from: stage, into: project });
  it.world.rest();
};

/** `arm` reads src and makes a; it has made a 1.0.0 in the project, and a 1.1.0 of src 1.1.0 in the stage. */
function staged(): It {
  const it = studio(withStage);
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  stages(it, 'src', '1.1.0');
  it.makes('arm', 'a 2');
  it.started();
  return it;
}

test('a stage made it, and what it was made of is promoted: its product follows without a run', () => {
  const it = staged();
  const made = it.runs().at(-1)!;
  promotes(it, 'src', '1.1.0');
  const shown = it.runs().at(-1)!;
  expect(shown).toMatchObject({
    index: project,
    state: 'succeeded',
    runKey: made.runKey,
    reference: { index: stage, attempt: made.attempt },
    outcome: { published: [{ name: 'a', version: '1.1.0' }] },
  });
  const [here, there] = [project, stage].map((index) => it.world.rows.get(`${index} a@1.1.0`));
  expect(here?.integrity).toBe(there?.integrity);
  expect(it.world.feed.filter(({ run }) => run === shown.attempt).map(({ op }) => op)).toEqual([
    'promote',
    'run',
  ]);
  expect(it.task('arm').status).toEqual({ is: 'clean' });
  const { lines } = explain(it.world.state, 'arm', { index: project });
  expect(lines[0]).toContain(
    `arm did not have to run at 2026-01-01 00:00 UTC (shows a 1.1.0, made in ana/stage by ticket ${made.attempt} and referenced here)`,
  );
});

test('whoever reads it in the project runs with it', () => {
  const it = staged();
  it.define('tip', { reads: { a: '^1.0.0' }, makes: ['movie'] });
  it.makes('tip', 'movie 1');
  it.started();
  promotes(it, 'src', '1.1.0');
  expect(it.started()).toEqual(['arm src@1.1.0', 'tip a@1.1.0']);
});

test.each(['withdrawn', 'written over', 'no longer the highest'])(
  'what the stage made is %s: the task runs',
  (how) => {
    const it = staged();
    const { rows } = it.world;
    if (how === 'withdrawn') it.world.withdraw('a', '1.1.0', stage);
    else if (how === 'no longer the highest') it.product('a', '1.2.0', 'by hand');
    else {
      const row = { ...rows.get(`${stage} a@1.1.0`)!, integrity: 'sha512-other' };
      rows.set(`${stage} a@1.1.0`, row);
      it.world.note({ op: 'overwrite', index: stage, name: 'a', version: '1.1.0' });
    }
    it.world.rest();
    it.started();
    promotes(it, 'src', '1.1.0');
    expect(it.runs().at(-1)?.reference).toBeUndefined();
    expect(it.running('arm').index).toBe(project);
  },
);

test('it goes while it is asked for: the attempt is lost, and the task runs', () => {
  const it = staged();
  it.world.promote('src', '1.1.0', { from: stage, into: project });
  while (it.world.deliver()) continue;
  const { attempt } = it.running('arm');
  it.world.withdraw('a', '1.1.0', stage);
  it.world.rest();
  expect(it.world.engine.get(attempt)?.state.is).toBe('lost');
  it.world.tell(attempt);
  it.world.rest();
  expect(it.running('arm').reference).toBeUndefined();
});

test('a crash before it is done: it is asked for again, and happens once', () => {
  const it = staged();
  it.world.promote('src', '1.1.0', { from: stage, into: project });
  while (it.world.deliver()) continue;
  it.world.crash();
  it.world.rest();
  it.world.crash();
  it.world.rest();
  expect(
    it.world.feed.filter(({ op, index, name }) => op === 'promote' && index === project && name === 'a'),
  ).toHaveLength(1);
  expect(it.task('arm').status).toEqual({ is: 'clean' });
});

test('asked for again by a person, it runs', () => {
  const it = staged();
  promotes(it, 'src', '1.1.0');
  it.started();
  const { lock } = it.task('arm').success!;
  it.world.take({ is: 'again', tasks: [{ task: 'arm', index: project, lock }], at: it.world.now() });
  it.world.rest();
  expect(it.running('arm').reference).toBeUndefined();
});

test('the stage goes back to the inputs of its base: what it made of others does not stay', () => {
  const it = staged();
  it.world.withdraw('src', '1.1.0', stage);
  it.world.rest();
  expect(it.started()).toEqual(['arm src@1.0.0']);
  expect(it.running('arm').index).toBe(stage);
  it.makes('arm', 'a 1');
  expect(it.task('arm', stage).status.is).toBe('inherited');
  it.product('src', '1.2.0');
  it.makes('arm', 'a 3');
  expect(it.started()).toEqual(['arm src@1.2.0']);
  expect(it.task('arm', stage).status).toEqual({ is: 'inherited', from: project });
});

test('a version of the same name in another index is not what was made', () => {
  const it = studio(withStage);
  it.product('src', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  it.product('a', '1.1.0', 'by hand');
  stages(it, 'src', '1.1.0');
  it.makes('arm', 'a 2');
  it.started();
  promotes(it, 'src', '1.1.0');
  expect(it.runs().at(-1)).toMatchObject({ index: project });
  expect(it.task('arm').status).not.toMatchObject({ known: true });
});

/** In the stage `arm` is another one, which reads `two`; both arms run, the one of the stage since longer. */
function bothRun(): It {
  const it = studio(withStage);
  it.product('src', '1.0.0');
  it.product('two', '1.0.0');
  it.define('arm', { reads: { src: '^1.0.0' }, makes: ['a'] });
  it.makes('arm', 'a 1');
  it.world.release(
    [
      taskManifest('arm', { version: '1.0.1', reads: { two: '^1.0.0' }, makes: ['a'] }),
      taskManifest('tip', { reads: { a: '^1.0.0' }, makes: ['movie'] }),
    ],
    { index: stage },
  );
  it.world.rest();
  it.makes('arm', 'a 2');
  it.makes('tip', 'movie 2');
  it.product('two', '1.1.0');
  it.product('src', '1.1.0');
  it.started();
  it.makes('arm', 'a 3');
  return it;
}

test('what the base will make comes to the child, too: its tip waits for both, and runs once', () => {
  const it = bothRun();
  expect(it.started()).toEqual([]);
  expect(it.task('arm', stage).status).toEqual({ is: 'clean' });
  expect(it.task('tip', stage).status).toEqual({ is: 'waiting', for: ['arm'] });
  expect(explain(it.world.state, 'tip', { index: stage }).lines[0]).toContain(
    'tip waits for arm in root/PROJ',
  );
  it.makes('arm', 'a 4');
  expect(it.started()).toEqual(['tip a@1.3.0']);
});

test('who fails in the base keeps nobody in the child from running with what is made there', () => {
  const it = bothRun();
  it.fails('arm');
  expect(it.task('arm').status.is).toBe('failed');
  expect(it.started()).toEqual(['tip a@1.2.0']);
});
