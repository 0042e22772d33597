CREATE TABLE ci_migrations (version integer primary key, at text not null);
CREATE TABLE "ci_records" ("table" text not null, "key" text not null, "value" text not null, constraint "ci_records_key" primary key ("table", "key"));
CREATE TABLE "registry_migrations" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
CREATE TABLE "registry_migrations_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
CREATE TABLE registry_indexes (name text primary key, bases text not null, volatile integer not null,
        mirror text, created_at text not null, created_by text not null);
CREATE TABLE registry_versions (index_name text not null, name text not null, version text not null,
        seq integer not null, integrity text not null, shasum text not null, manifest text not null,
        third_party text, readme text, deprecated text, withdrawn integer not null default 0,
        published_at text not null, published_by text not null, run text,
        primary key (index_name, name, version));
CREATE TABLE registry_tags (index_name text not null, name text not null, tag text not null,
        version text not null, primary key (index_name, name, tag));
CREATE TABLE registry_changes (seq integer primary key, index_name text not null, op text not null,
        name text not null, version text not null, integrity text, tag text, by_whom text not null,
        at text not null, run text, outcome text);
CREATE TABLE registry_head (id integer primary key check (id = 1), seq integer not null);
CREATE TABLE registry_users (name text primary key, password text not null, email text,
        created_at text not null);
CREATE TABLE registry_tokens (id text primary key, secret text not null, kind text not null,
        user_name text, attempt text, index_name text, packls text, created_at text not null, expires_at text);
CREATE TABLE registry_mirrored (index_name text not null, name text not null, file text not null,
        integrity text not null, primary key (index_name, name, file));
CREATE INDEX registry_versions_integrity on registry_versions (integrity);
CREATE INDEX registry_versions_name on registry_versions (name, index_name);
CREATE INDEX registry_versions_run on registry_versions (run) where run is not null;
CREATE INDEX registry_changes_run on registry_changes (run) where run is not null;
CREATE INDEX registry_tokens_attempt on registry_tokens (attempt) where attempt is not null;
CREATE INDEX registry_mirrored_integrity on registry_mirrored (integrity);
insert into "ci_migrations" values (1, '2026-11-23T13:34:55.210Z');
insert into "ci_records" values ('meta', 'reactor', '{"cursor":19,"waves":2}');
insert into "ci_records" values ('tasks', 'root/PROJ @gen/a', '{"index":"root/PROJ","name":"@gen/a","status":{"is":"clean"},"failed":{},"woken":[],"version":"1.0.0","last":"84378f874e838d1f11ae3bf6d81bc2c1.1","success":{"lock":"4897a5ec9eff45655bc29bcc665fd12e","attempt":"84378f874e838d1f11ae3bf6d81bc2c1.1"},"lock":"4897a5ec9eff45655bc29bcc665fd12e"}');
insert into "ci_records" values ('tasks', 'root/PROJ @gen/b', '{"index":"root/PROJ","name":"@gen/b","status":{"is":"clean"},"failed":{},"woken":[],"version":"1.0.0","last":"e765640678ee583eb78e9bcd434112e8.1","success":{"lock":"f9a1e29191516aac773be3cb9fa042b2","attempt":"e765640678ee583eb78e9bcd434112e8.1"},"lock":"f9a1e29191516aac773be3cb9fa042b2"}');
insert into "ci_records" values ('runs', '4374a5758281ccf6fbccc9514b53dffa.1', '{"attempt":"4374a5758281ccf6fbccc9514b53dffa.1","runKey":"4374a5758281ccf6fbccc9514b53dffa","index":"root/PROJ","task":"@gen/a","taskVersion":"1.0.0","wave":"w1","cause":{"is":"change","seq":7,"op":"publish","index":"root/PROJ","name":"@gen/seed","version":"1.0.0","by":"root","at":"2026-11-23T13:35:00.014Z"},"because":[{"name":"@gen/a","to":"1.0.0","seq":5},{"name":"@gen/pipeline","to":"1.0.0"},{"name":"@gen/seed","to":"1.0.0","seq":7},{"name":"@pipl/pipe","to":"1.0.0"}],"state":"succeeded","stale":false,"lock":{"hash":"c87105a49be8a1ed875e97445acc2b49","task":{"name":"@gen/a","version":"1.0.0","integrity":"sha512-VCfYHQjKrA+2/usUb1ktx1z9IGvk1D+f1FkFlEwrQhcXZbMtvT/s0d2nen2zeKRLqTFNbMKVb9VvhicirVwgVw=="},"direct":{"@gen/pipeline":"1.0.0","@gen/seed":"1.0.0","@pipl/pipe":"1.0.0"},"pins":{"@gen/a@1.0.0":"sha512-VCfYHQjKrA+2/usUb1ktx1z9IGvk1D+f1FkFlEwrQhcXZbMtvT/s0d2nen2zeKRLqTFNbMKVb9VvhicirVwgVw==","@gen/pipeline@1.0.0":"sha512-fvo/1z9aoYp4egOY56nBj6y2l7sVtGzxbge6J3AF+Oyv+Z7Co+kCc98pqQ3CDTpE9xsqDkkL6UphsSxPfs6hLg==","@gen/seed@1.0.0":"sha512-PRa+x3t+meiiYYOPVHKsH+H+GVKy5KzrUTMsdxpeadBRkUsAPfPFKrxyAzvMy0UgHS0d5NbCbZd7vFoyQ0dOJA==","@pipl/pipe@1.0.0":"sha512-qGXdctLQSwf/inuF6mXDNHsITNQ19LWXvzlCuAx4m5ls6kxvT/57Cati2kL0HRkVGartW8vJQKt3zMilm8hdbg=="}},"products":[{"slot":"note","name":"@gen/a-note","version":"1.0.0"}],"submittedAt":"2026-11-23T13:35:00.014Z","startedAt":"2026-11-23T13:35:00.067Z","outcome":{"published":[{"name":"@gen/a-note","version":"1.0.0"}],"unchanged":[]},"endedAt":"2026-11-23T13:35:00.817Z"}');
insert into "ci_records" values ('waves', 'w1', '{"id":"w1","state":"closed","cause":{"is":"change","seq":7,"op":"publish","index":"root/PROJ","name":"@gen/seed","version":"1.0.0","by":"root","at":"2026-11-23T13:35:00.014Z"},"changes":[{"seq":7,"woke":["root/PROJ @gen/a"]},{"seq":8,"woke":["root/PROJ @gen/b"]}],"runs":["4374a5758281ccf6fbccc9514b53dffa.1","3cd8436038f0739f00a8a3113fb1037d.1"],"laps":{},"starts":{"root/PROJ @gen/a":1,"root/PROJ @gen/b":1},"openedAt":"2026-11-23T13:35:00.014Z","closedAt":"2026-11-23T13:35:01.162Z"}');
insert into "ci_records" values ('runs', '3cd8436038f0739f00a8a3113fb1037d.1', '{"attempt":"3cd8436038f0739f00a8a3113fb1037d.1","runKey":"3cd8436038f0739f00a8a3113fb1037d","index":"root/PROJ","task":"@gen/b","taskVersion":"1.0.0","wave":"w1","cause":{"is":"change","seq":8,"op":"publish","index":"root/PROJ","name":"@gen/a-note","version":"1.0.0","by":"run:4374a5758281ccf6fbccc9514b53dffa.1","at":"2026-11-23T13:35:00.817Z"},"because":[{"name":"@gen/a-note","to":"1.0.0","seq":8},{"name":"@gen/b","to":"1.0.0","seq":6},{"name":"@gen/pipeline","to":"1.0.0"},{"name":"@pipl/pipe","to":"1.0.0"}],"state":"succeeded","stale":false,"lock":{"hash":"a3d0571cb8cc9248b93af35bba57fe9b","task":{"name":"@gen/b","version":"1.0.0","integrity":"sha512-EFAYCPhw6Frc3Fd3YmC57DjF1arBzO6OvNZ+TSjvgr5LLpbVk8EBgfEg3rxh19dzMuIw6Qdx2FbFJb7cUGBTMw=="},"direct":{"@gen/a-note":"1.0.0","@gen/pipeline":"1.0.0","@pipl/pipe":"1.0.0"},"pins":{"@gen/a-note@1.0.0":"sha512-7+D1vO9m4q4ZVtusT+/eB/RkXiIXno0gj9s0mPiaerOwHIqY5srq2VMH2QONoAbbd9wXHAtW9c+/Ahs9iJDbVA==","@gen/b@1.0.0":"sha512-EFAYCPhw6Frc3Fd3YmC57DjF1arBzO6OvNZ+TSjvgr5LLpbVk8EBgfEg3rxh19dzMuIw6Qdx2FbFJb7cUGBTMw==","@gen/pipeline@1.0.0":"sha512-fvo/1z9aoYp4egOY56nBj6y2l7sVtGzxbge6J3AF+Oyv+Z7Co+kCc98pqQ3CDTpE9xsqDkkL6UphsSxPfs6hLg==","@pipl/pipe@1.0.0":"sha512-qGXdctLQSwf/inuF6mXDNHsITNQ19LWXvzlCuAx4m5ls6kxvT/57Cati2kL0HRkVGartW8vJQKt3zMilm8hdbg=="}},"products":[{"slot":"note","name":"@gen/b-note","version":"1.0.0"}],"submittedAt":"2026-11-23T13:35:00.817Z","startedAt":"2026-11-23T13:35:00.857Z","outcome":{"published":[{"name":"@gen/b-note","version":"1.0.0"}],"unchanged":[]},"endedAt":"2026-11-23T13:35:01.162Z"}');
insert into "ci_records" values ('runs', '84378f874e838d1f11ae3bf6d81bc2c1.1', '{"attempt":"84378f874e838d1f11ae3bf6d81bc2c1.1","runKey":"84378f874e838d1f11ae3bf6d81bc2c1","index":"root/PROJ","task":"@gen/a","taskVersion":"1.0.0","wave":"w2","cause":{"is":"change","seq":12,"op":"publish","index":"root/PROJ","name":"@gen/seed","version":"1.1.0","by":"root","at":"2026-11-23T13:35:01.265Z"},"because":[{"name":"@gen/seed","from":"1.0.0","to":"1.1.0","seq":12}],"state":"succeeded","stale":false,"lock":{"hash":"4897a5ec9eff45655bc29bcc665fd12e","task":{"name":"@gen/a","version":"1.0.0","integrity":"sha512-VCfYHQjKrA+2/usUb1ktx1z9IGvk1D+f1FkFlEwrQhcXZbMtvT/s0d2nen2zeKRLqTFNbMKVb9VvhicirVwgVw=="},"direct":{"@gen/pipeline":"1.0.0","@gen/seed":"1.1.0","@pipl/pipe":"1.0.0"},"pins":{"@gen/a@1.0.0":"sha512-VCfYHQjKrA+2/usUb1ktx1z9IGvk1D+f1FkFlEwrQhcXZbMtvT/s0d2nen2zeKRLqTFNbMKVb9VvhicirVwgVw==","@gen/pipeline@1.0.0":"sha512-fvo/1z9aoYp4egOY56nBj6y2l7sVtGzxbge6J3AF+Oyv+Z7Co+kCc98pqQ3CDTpE9xsqDkkL6UphsSxPfs6hLg==","@gen/seed@1.1.0":"sha512-kYygAWn7OwRAJgSN6d+8k6IH9VFbBioz5ignYlujG0igUFxIp08q+lEERphZThq0Gm9PL/NS7XBrELfLscZVkg==","@pipl/pipe@1.0.0":"sha512-qGXdctLQSwf/inuF6mXDNHsITNQ19LWXvzlCuAx4m5ls6kxvT/57Cati2kL0HRkVGartW8vJQKt3zMilm8hdbg=="}},"products":[{"slot":"note","name":"@gen/a-note","version":"1.1.0"}],"previous":"4374a5758281ccf6fbccc9514b53dffa.1","submittedAt":"2026-11-23T13:35:01.265Z","startedAt":"2026-11-23T13:35:01.288Z","outcome":{"published":[{"name":"@gen/a-note","version":"1.1.0"}],"unchanged":[]},"endedAt":"2026-11-23T13:35:01.577Z"}');
insert into "ci_records" values ('waves', 'w2', '{"id":"w2","state":"closed","cause":{"is":"change","seq":12,"op":"publish","index":"root/PROJ","name":"@gen/seed","version":"1.1.0","by":"root","at":"2026-11-23T13:35:01.265Z"},"changes":[{"seq":12,"woke":["root/PROJ @gen/a"]},{"seq":13,"woke":["root/PROJ @gen/b"]}],"runs":["84378f874e838d1f11ae3bf6d81bc2c1.1","e765640678ee583eb78e9bcd434112e8.1"],"laps":{},"starts":{"root/PROJ @gen/a":1,"root/PROJ @gen/b":1},"openedAt":"2026-11-23T13:35:01.265Z","closedAt":"2026-11-23T13:35:01.815Z"}');
insert into "ci_records" values ('runs', 'e765640678ee583eb78e9bcd434112e8.1', '{"attempt":"e765640678ee583eb78e9bcd434112e8.1","runKey":"e765640678ee583eb78e9bcd434112e8","index":"root/PROJ","task":"@gen/b","taskVersion":"1.0.0","wave":"w2","cause":{"is":"change","seq":13,"op":"publish","index":"root/PROJ","name":"@gen/a-note","version":"1.1.0","by":"run:84378f874e838d1f11ae3bf6d81bc2c1.1","at":"2026-11-23T13:35:01.577Z"},"because":[{"name":"@gen/a-note","from":"1.0.0","to":"1.1.0","seq":13}],"state":"succeeded","stale":false,"lock":{"hash":"f9a1e29191516aac773be3cb9fa042b2","task":{"name":"@gen/b","version":"1.0.0","integrity":"sha512-EFAYCPhw6Frc3Fd3YmC57DjF1arBzO6OvNZ+TSjvgr5LLpbVk8EBgfEg3rxh19dzMuIw6Qdx2FbFJb7cUGBTMw=="},"direct":{"@gen/a-note":"1.1.0","@gen/pipeline":"1.0.0","@pipl/pipe":"1.0.0"},"pins":{"@gen/a-note@1.1.0":"sha512-Uhz94aX/fFIGVc6L6PRhEF7aMa4U0lbJQhYwhSB+NGmZYOp2TMNrwEVeQBA2T7nM7qGWWYAnkmmHKx8+V4h4bQ==","@gen/b@1.0.0":"sha512-EFAYCPhw6Frc3Fd3YmC57DjF1arBzO6OvNZ+TSjvgr5LLpbVk8EBgfEg3rxh19dzMuIw6Qdx2FbFJb7cUGBTMw==","@gen/pipeline@1.0.0":"sha512-fvo/1z9aoYp4egOY56nBj6y2l7sVtGzxbge6J3AF+Oyv+Z7Co+kCc98pqQ3CDTpE9xsqDkkL6UphsSxPfs6hLg==","@pipl/pipe@1.0.0":"sha512-qGXdctLQSwf/inuF6mXDNHsITNQ19LWXvzlCuAx4m5ls6kxvT/57Cati2kL0HRkVGartW8vJQKt3zMilm8hdbg=="}},"products":[{"slot":"note","name":"@gen/b-note","version":"1.1.0"}],"previous":"3cd8436038f0739f00a8a3113fb1037d.1","submittedAt":"2026-11-23T13:35:01.577Z","startedAt":"2026-11-23T13:35:01.597Z","outcome":{"published":[{"name":"@gen/b-note","version":"1.1.0"}],"unchanged":[]},"endedAt":"2026-11-23T13:35:01.815Z"}');
insert into "registry_migrations" values ('2026-01-first', '2026-11-23T13:34:55.319Z');
insert into "registry_migrations_lock" values ('migration_lock', 0);
insert into "registry_indexes" values ('root/npm', '[]', 0, 'https://registry.example.com/', '2026-11-23T13:34:55.354Z', 'root');
insert into "registry_indexes" values ('root/PROJ', '["root/npm"]', 0, null, '2026-11-23T13:34:55.359Z', 'root');
insert into "registry_indexes" values ('alice/dev', '["root/PROJ"]', 1, null, '2026-11-23T13:35:02.247Z', 'root');
insert into "registry_versions" values ('root/PROJ', '@pipl/pipe', '1.0.0', 3, 'sha512-qGXdctLQSwf/inuF6mXDNHsITNQ19LWXvzlCuAx4m5ls6kxvT/57Cati2kL0HRkVGartW8vJQKt3zMilm8hdbg==', 'fa9ff93c4ec65560c89774e89dd152b38795e74a', '{"name":"@pipl/pipe","version":"1.0.0","description":"What pipeline authors import: asset types, product types, task types.","pipl":{"kind":"code"},"license":"Apache-2.0","type":"module","exports":{".":{"types":"./dist/index.d.ts","default":"./dist/index.js"},"./package.json":"./package.json"},"bin":{"pipl-step":"./dist/pipl-step.js"},"files":["dist"],"engines":{"node":">=24"}}', null, '# @pipl/pipe

What pipeline authors import. Types of assets, products and tasks are data; inputs, outputs, parameters and points of
their steps are inferred.

```ts
import { defineAssetType, defineProductType, defineTaskType, many } from ''@pipl/pipe'';
import { z } from ''zod'';

export const FrameSequence = defineAssetType({
  name: ''FrameSequence'',
  kind: ''sequence'', // ''file'' | ''folder'' | ''sequence''
  basename: ({ product, frame }) => `${product.shortName}.${String(frame).padStart(4, ''0'')}.png`,
});
export const Frames = defineProductType({ name: ''Frames'', assets: { beauty: FrameSequence } });

export const Grade = defineTaskType({
  name: ''Grade'',
  needs: { frames: Frames }, // many(Frames) takes several
  makes: { graded: Frames },
  parameters: z.object({ frames: z.string().default(''1001-1024''), gain: z.number().default(1) }),
})
  .step(''grade'', {
    over: { frame: ({ frames }) => frames },
    async run({ inputs, outputs, parameters, point, progress }) {
      await grade(
        inputs.frames.beauty.frame(point.frame),
        outputs.graded.beauty.frame(point.frame),
        parameters.gain,
      );
      progress(100, `frame ${point.frame}`);
    },
  })
  .check(''every frame is there'', ({ inputs, outputs }) => {
    const missing = inputs.frames.beauty.frames.filter(
      (frame) => !outputs.graded.beauty.written().has(frame),
    );
    if (missing.length > 0) throw new Error(`no frame ${missing.join('', '')}`);
  })
  .command(''view'', { label: ''View the frames'', run: ({ outputs }) => view(outputs.graded.beauty.dir) });
```

A packl lists its types in the `pipl` field of its package.json (`"taskTypes": { "Grade": "./grade#Grade" }`, likewise
`productTypes`), and has `@pipl/pipe` as a peer dependency. Parameters may be any [Standard Schema](https://standardschema.dev).

- An input slot has its assets by name, `.path` for a file, `.dir` for a folder, `.frames` and `.frame(n)` for a
  sequence, and `.product` says which product it is. Outputs have `.path`, `.dir`, `.frame(n)` and `.written()`.
- `over` gives a range (`''1001-1024''`), integers or texts for each dimension. Points of the last integer dimension are
  grouped, a quarter of them at a time and at most 32, so that start-up is paid once a group; `chunk` says otherwise.
- Steps run one after the other. Checks run after the last one and before anything is published; they throw to say what is wrong.
- `revision` in `basename` is the product''s version. Leave it out of the names of sequences and folders: their names
  are part of their content, and equal content stops a wave.

`pipl-step`, its bin, describes a task (as an Open Job Description template) and runs its steps, checks and commands
inside a job. `node packages/pipe/build.mjs` bundles both, without dependencies, and packs them.
', null, 0, '2026-11-23T13:34:55.449Z', 'root', null);
insert into "registry_versions" values ('root/PROJ', '@gen/pipeline', '1.0.0', 4, 'sha512-fvo/1z9aoYp4egOY56nBj6y2l7sVtGzxbge6J3AF+Oyv+Z7Co+kCc98pqQ3CDTpE9xsqDkkL6UphsSxPfs6hLg==', '3a526a6febdb1f80b7a3dad4bf24a2ef5f903929', '{"name":"@gen/pipeline","version":"1.0.0","peerDependencies":{"@pipl/pipe":"^1.0.0"},"pipl":{"kind":"code","assetTypes":{"Text":".#Text"},"productTypes":{"Note":".#Note"},"taskTypes":{"Join":".#Join"}},"type":"module","exports":{".":"./index.js"}}', null, '', null, 0, '2026-11-23T13:34:59.429Z', 'root', null);
insert into "registry_versions" values ('root/PROJ', '@gen/a', '1.0.0', 5, 'sha512-VCfYHQjKrA+2/usUb1ktx1z9IGvk1D+f1FkFlEwrQhcXZbMtvT/s0d2nen2zeKRLqTFNbMKVb9VvhicirVwgVw==', '3388ff926b37c28700225b8dececd7ba37a87917', '{"name":"@gen/a","version":"1.0.0","dependencies":{"@gen/pipeline":"^1.0.0","@gen/seed":"^1.0.0"},"peerDependencies":{"@pipl/pipe":"^1.0.0"},"pipl":{"kind":"task","type":"@gen/pipeline#Join","inputs":{"notes":["@gen/seed"]},"products":{"note":"@gen/a-note"},"parameters":{}},"type":"module"}', null, '', null, 0, '2026-11-23T13:34:59.542Z', 'root', null);
insert into "registry_versions" values ('root/PROJ', '@gen/b', '1.0.0', 6, 'sha512-EFAYCPhw6Frc3Fd3YmC57DjF1arBzO6OvNZ+TSjvgr5LLpbVk8EBgfEg3rxh19dzMuIw6Qdx2FbFJb7cUGBTMw==', 'aff8c1fb6fad930f852e470bc2eb1522bc5a8844', '{"name":"@gen/b","version":"1.0.0","dependencies":{"@gen/pipeline":"^1.0.0","@gen/a-note":"^1.0.0"},"peerDependencies":{"@pipl/pipe":"^1.0.0"},"pipl":{"kind":"task","type":"@gen/pipeline#Join","inputs":{"notes":["@gen/a-note"]},"products":{"note":"@gen/b-note"},"parameters":{}},"type":"module"}', null, '', null, 0, '2026-11-23T13:34:59.542Z', 'root', null);
insert into "registry_versions" values ('root/PROJ', '@gen/seed', '1.0.0', 7, 'sha512-PRa+x3t+meiiYYOPVHKsH+H+GVKy5KzrUTMsdxpeadBRkUsAPfPFKrxyAzvMy0UgHS0d5NbCbZd7vFoyQ0dOJA==', 'ae193434343f6a75c7daf09b35e6fa4a70badb71', '{"name":"@gen/seed","version":"1.0.0","dependencies":{"@gen/pipeline":"^1.0.0"},"pipl":{"kind":"product","type":"@gen/pipeline#Note","assets":{"text":{"type":"File","kind":"file","digest":"sha256:2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806","size":4,"basename":"note.txt"}}},"type":"module"}', null, '', 'older', 0, '2026-11-23T13:35:00.014Z', 'root', null);
insert into "registry_versions" values ('root/PROJ', '@gen/a-note', '1.0.0', 8, 'sha512-7+D1vO9m4q4ZVtusT+/eB/RkXiIXno0gj9s0mPiaerOwHIqY5srq2VMH2QONoAbbd9wXHAtW9c+/Ahs9iJDbVA==', 'f970a3ace45bcc64274743b225cb4e6114d8fb90', '{"name":"@gen/a-note","version":"1.0.0","dependencies":{"@gen/pipeline":"^1.0.0"},"pipl":{"kind":"product","type":"@gen/pipeline#Note","assets":{"text":{"type":"Text","kind":"file","digest":"sha256:5e3df427266749a24d4c5c664ad14c35da515583f4213e8aa91f5faf43fa4fc2","size":12,"basename":"note.txt"}},"made":{"by":"@gen/a@1.0.0","run":"4374a5758281ccf6fbccc9514b53dffa.1","inputs":{"@gen/seed":"1.0.0"}}},"type":"module"}', null, '', null, 0, '2026-11-23T13:35:00.817Z', 'run:4374a5758281ccf6fbccc9514b53dffa.1', '4374a5758281ccf6fbccc9514b53dffa.1');
insert into "registry_versions" values ('root/PROJ', '@gen/b-note', '1.0.0', 10, 'sha512-3v6DuXCVFJRMRWa0yMCTGuaQEkB85aDc4hv6X5T+UIikBPjElysQG/mvx1Blk0kllJjxQQE1UGEaypN6+rCj5Q==', '963fbb796a1262cf419f76fc1891b4437c9f96da', '{"name":"@gen/b-note","version":"1.0.0","dependencies":{"@gen/pipeline":"^1.0.0"},"pipl":{"kind":"product","type":"@gen/pipeline#Note","assets":{"text":{"type":"Text","kind":"file","digest":"sha256:3ec7027f236ba745844e765bfc536e864853c96076c292668b6546f85eeb78d3","size":20,"basename":"note.txt"}},"made":{"by":"@gen/b@1.0.0","run":"3cd8436038f0739f00a8a3113fb1037d.1","inputs":{"@gen/a-note":"1.0.0"}}},"type":"module"}', null, '', 'wrong', 1, '2026-11-23T13:35:01.162Z', 'run:3cd8436038f0739f00a8a3113fb1037d.1', '3cd8436038f0739f00a8a3113fb1037d.1');
insert into "registry_versions" values ('root/PROJ', '@gen/seed', '1.1.0', 12, 'sha512-kYygAWn7OwRAJgSN6d+8k6IH9VFbBioz5ignYlujG0igUFxIp08q+lEERphZThq0Gm9PL/NS7XBrELfLscZVkg==', 'e9f25da1cbd5953ca2d8a2932e7659d6ccbca397', '{"name":"@gen/seed","version":"1.1.0","dependencies":{"@gen/pipeline":"^1.0.0"},"pipl":{"kind":"product","type":"@gen/pipeline#Note","assets":{"text":{"type":"File","kind":"file","digest":"sha256:27dd8ed44a83ff94d557f9fd0412ed5a8cbca69ea04922d88c01184a07300a5a","size":4,"basename":"note.txt"}}},"type":"module"}', null, '', null, 0, '2026-11-23T13:35:01.265Z', 'root', null);
insert into "registry_versions" values ('root/PROJ', '@gen/a-note', '1.1.0', 13, 'sha512-Uhz94aX/fFIGVc6L6PRhEF7aMa4U0lbJQhYwhSB+NGmZYOp2TMNrwEVeQBA2T7nM7qGWWYAnkmmHKx8+V4h4bQ==', '3b8aacd6f8492f937b7ca7e6b3e630193cb56e05', '{"name":"@gen/a-note","version":"1.1.0","dependencies":{"@gen/pipeline":"^1.0.0"},"pipl":{"kind":"product","type":"@gen/pipeline#Note","assets":{"text":{"type":"Text","kind":"file","digest":"sha256:df86b7eba0d1d6a026c04f71494c80bc2eaacd0146d6e0e7df147338ae8dd388","size":12,"basename":"note.txt"}},"made":{"by":"@gen/a@1.0.0","run":"84378f874e838d1f11ae3bf6d81bc2c1.1","inputs":{"@gen/seed":"1.1.0"}}},"type":"module"}', null, '', null, 0, '2026-11-23T13:35:01.577Z', 'run:84378f874e838d1f11ae3bf6d81bc2c1.1', '84378f874e838d1f11ae3bf6d81bc2c1.1');
insert into "registry_versions" values ('root/PROJ', '@gen/b-note', '1.1.0', 15, 'sha512-DxLbSGg6JLxfGSudTXn0VfpZYTPP0JBZmNnzwMWXpEDuJ3ahhnJmhDMwFNHSm3xe6PzTy3JH0jkLT9Zs1ilOQg==', '3bf6012b14a72bdd296b1b527f72e284d997c934', '{"name":"@gen/b-note","version":"1.1.0","dependencies":{"@gen/pipeline":"^1.0.0"},"pipl":{"kind":"product","type":"@gen/pipeline#Note","assets":{"text":{"type":"Text","kind":"file","digest":"sha256:67dc1cd9aa6621cc351deb4f3e1a01d5d02d74de01193d199f373e015a278a9a","size":20,"basename":"note.txt"}},"made":{"by":"@gen/b@1.0.0","run":"e765640678ee583eb78e9bcd434112e8.1","inputs":{"@gen/a-note":"1.1.0"}}},"type":"module"}', null, '', null, 0, '2026-11-23T13:35:01.815Z', 'run:e765640678ee583eb78e9bcd434112e8.1', 'e765640678ee583eb78e9bcd434112e8.1');
insert into "registry_changes" values (1, 'root/npm', 'index', '', '', null, null, 'root', '2026-11-23T13:34:55.354Z', null, null);
insert into "registry_changes" values (2, 'root/PROJ', 'index', '', '', null, null, 'root', '2026-11-23T13:34:55.359Z', null, null);
insert into "registry_changes" values (3, 'root/PROJ', 'publish', '@pipl/pipe', '1.0.0', 'sha512-qGXdctLQSwf/inuF6mXDNHsITNQ19LWXvzlCuAx4m5ls6kxvT/57Cati2kL0HRkVGartW8vJQKt3zMilm8hdbg==', null, 'root', '2026-11-23T13:34:55.449Z', null, null);
insert into "registry_changes" values (4, 'root/PROJ', 'publish', '@gen/pipeline', '1.0.0', 'sha512-fvo/1z9aoYp4egOY56nBj6y2l7sVtGzxbge6J3AF+Oyv+Z7Co+kCc98pqQ3CDTpE9xsqDkkL6UphsSxPfs6hLg==', null, 'root', '2026-11-23T13:34:59.429Z', null, null);
insert into "registry_changes" values (5, 'root/PROJ', 'publish', '@gen/a', '1.0.0', 'sha512-VCfYHQjKrA+2/usUb1ktx1z9IGvk1D+f1FkFlEwrQhcXZbMtvT/s0d2nen2zeKRLqTFNbMKVb9VvhicirVwgVw==', null, 'root', '2026-11-23T13:34:59.542Z', null, null);
insert into "registry_changes" values (6, 'root/PROJ', 'publish', '@gen/b', '1.0.0', 'sha512-EFAYCPhw6Frc3Fd3YmC57DjF1arBzO6OvNZ+TSjvgr5LLpbVk8EBgfEg3rxh19dzMuIw6Qdx2FbFJb7cUGBTMw==', null, 'root', '2026-11-23T13:34:59.542Z', null, null);
insert into "registry_changes" values (7, 'root/PROJ', 'publish', '@gen/seed', '1.0.0', 'sha512-PRa+x3t+meiiYYOPVHKsH+H+GVKy5KzrUTMsdxpeadBRkUsAPfPFKrxyAzvMy0UgHS0d5NbCbZd7vFoyQ0dOJA==', null, 'root', '2026-11-23T13:35:00.014Z', null, null);
insert into "registry_changes" values (8, 'root/PROJ', 'publish', '@gen/a-note', '1.0.0', 'sha512-7+D1vO9m4q4ZVtusT+/eB/RkXiIXno0gj9s0mPiaerOwHIqY5srq2VMH2QONoAbbd9wXHAtW9c+/Ahs9iJDbVA==', null, 'run:4374a5758281ccf6fbccc9514b53dffa.1', '2026-11-23T13:35:00.817Z', '4374a5758281ccf6fbccc9514b53dffa.1', null);
insert into "registry_changes" values (9, 'root/PROJ', 'run', '@gen/a', '1.0.0', null, null, 'run:4374a5758281ccf6fbccc9514b53dffa.1', '2026-11-23T13:35:00.817Z', '4374a5758281ccf6fbccc9514b53dffa.1', '{"published":[{"name":"@gen/a-note","version":"1.0.0"}],"unchanged":[]}');
insert into "registry_changes" values (10, 'root/PROJ', 'publish', '@gen/b-note', '1.0.0', 'sha512-3v6DuXCVFJRMRWa0yMCTGuaQEkB85aDc4hv6X5T+UIikBPjElysQG/mvx1Blk0kllJjxQQE1UGEaypN6+rCj5Q==', null, 'run:3cd8436038f0739f00a8a3113fb1037d.1', '2026-11-23T13:35:01.162Z', '3cd8436038f0739f00a8a3113fb1037d.1', null);
insert into "registry_changes" values (11, 'root/PROJ', 'run', '@gen/b', '1.0.0', null, null, 'run:3cd8436038f0739f00a8a3113fb1037d.1', '2026-11-23T13:35:01.162Z', '3cd8436038f0739f00a8a3113fb1037d.1', '{"published":[{"name":"@gen/b-note","version":"1.0.0"}],"unchanged":[]}');
insert into "registry_changes" values (12, 'root/PROJ', 'publish', '@gen/seed', '1.1.0', 'sha512-kYygAWn7OwRAJgSN6d+8k6IH9VFbBioz5ignYlujG0igUFxIp08q+lEERphZThq0Gm9PL/NS7XBrELfLscZVkg==', null, 'root', '2026-11-23T13:35:01.265Z', null, null);
insert into "registry_changes" values (13, 'root/PROJ', 'publish', '@gen/a-note', '1.1.0', 'sha512-Uhz94aX/fFIGVc6L6PRhEF7aMa4U0lbJQhYwhSB+NGmZYOp2TMNrwEVeQBA2T7nM7qGWWYAnkmmHKx8+V4h4bQ==', null, 'run:84378f874e838d1f11ae3bf6d81bc2c1.1', '2026-11-23T13:35:01.577Z', '84378f874e838d1f11ae3bf6d81bc2c1.1', null);
insert into "registry_changes" values (14, 'root/PROJ', 'run', '@gen/a', '1.0.0', null, null, 'run:84378f874e838d1f11ae3bf6d81bc2c1.1', '2026-11-23T13:35:01.577Z', '84378f874e838d1f11ae3bf6d81bc2c1.1', '{"published":[{"name":"@gen/a-note","version":"1.1.0"}],"unchanged":[]}');
insert into "registry_changes" values (15, 'root/PROJ', 'publish', '@gen/b-note', '1.1.0', 'sha512-DxLbSGg6JLxfGSudTXn0VfpZYTPP0JBZmNnzwMWXpEDuJ3ahhnJmhDMwFNHSm3xe6PzTy3JH0jkLT9Zs1ilOQg==', null, 'run:e765640678ee583eb78e9bcd434112e8.1', '2026-11-23T13:35:01.815Z', 'e765640678ee583eb78e9bcd434112e8.1', null);
insert into "registry_changes" values (16, 'root/PROJ', 'run', '@gen/b', '1.0.0', null, null, 'run:e765640678ee583eb78e9bcd434112e8.1', '2026-11-23T13:35:01.815Z', 'e765640678ee583eb78e9bcd434112e8.1', '{"published":[{"name":"@gen/b-note","version":"1.1.0"}],"unchanged":[]}');
insert into "registry_changes" values (17, 'alice/dev', 'index', '', '', null, null, 'root', '2026-11-23T13:35:02.247Z', null, null);
insert into "registry_changes" values (18, 'root/PROJ', 'deprecate', '@gen/seed', '1.0.0', null, null, 'root', '2026-11-23T13:35:02.300Z', null, null);
insert into "registry_changes" values (19, 'root/PROJ', 'withdraw', '@gen/b-note', '1.0.0', null, null, 'root', '2026-11-23T13:35:02.340Z', null, null);
insert into "registry_head" values (1, 19);
insert into "registry_users" values ('root', '', null, '2026-11-23T13:34:55.326Z');
insert into "registry_users" values ('alice', 'scrypt$15$8$1$xy/htf0/TPhUdteFtNKa+w==$9QRyi31G1VnMOj7gP5dPHSJbYbpF7wspv8P4RiOa6Og=', 'alice@example.com', '2026-11-23T13:35:02.240Z');
insert into "registry_tokens" values ('f9e3f5d72569d27894', '08b980aba969e811fc27a72569aa02828106e0f5ab2d983b0b3b9c48fc7dc273', 'user', 'root', null, null, null, '2026-11-23T13:34:56.742Z', null);
insert into "registry_tokens" values ('7b18ffcd4fc93dd764', '31d33c31fa45520c82fef16d1b322b321057f4e9721af2c9390ce2e0e84d51f8', 'user', 'root', null, null, null, '2026-11-23T13:34:59.463Z', null);
insert into "registry_tokens" values ('1714a80ab1e70609a2', 'f13463a9503f22bac57241f8b4f73dba6d8f9ddda51472f13ff4f027b16793aa', 'user', 'root', null, null, null, '2026-11-23T13:34:59.595Z', null);
insert into "registry_tokens" values ('716177eeaffe6d5a94', '35f79e5d6bd4461b981037fcce51129d68eccc8e6cf399c41a738220f173c345', 'user', 'root', null, null, null, '2026-11-23T13:34:59.644Z', null);
insert into "registry_tokens" values ('86354e12ee19683254', '355516b38b9ea7a839a88e21f93377e0810575d0918b0a3419e5706f70207254', 'user', 'root', null, null, null, '2026-11-23T13:35:01.245Z', null);
