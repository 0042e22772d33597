/**
 * JSON Schema of templates, for editors and for first checks elsewhere. Draft 2020-12.
 *
 * It refuses no good template, and of the bad ones those whose shape is wrong. What depends on extensions, on
 * other parts of the template or on values is left to `decodeJobTemplate`; lengths are the widest there are.
 */
import { parameterDefinitions } from './json-schema/parameters.ts';
import { scriptDefinitions } from './json-schema/scripts.ts';
import { filled, line, object, ref, text, words } from './json-schema/words.ts';
import type { JsonSchema } from './json-schema/words.ts';
import { implementedExtensions } from './rules.ts';

export type TemplateKind = 'job' | 'environment';

const extensions = filled(words(...implementedExtensions), { uniqueItems: true });
const head = (version: string) => ({
  specificationVersion: words(version),
  '$schema?': text(),
  'extensions?': extensions,
});

const templates: Readonly<Record<TemplateKind, JsonSchema>> = {
  job: object({
    ...head('jobtemplate-2023-09'),
    name: line(),
    'description?': ref('description'),
    'parameterDefinitions?': filled(ref('jobParameter'), { maxItems: 200 }),
    'jobEnvironments?': filled(ref('environment')),
    steps: filled(ref('step')),
  }),
  environment: object({
    ...head('environment-2023-09'),
    'parameterDefinitions?': filled(ref('jobParameter'), { maxItems: 50 }),
    environment: ref('environment'),
  }),
};

const shared: Readonly<Record<string, JsonSchema>> = {
  identifier: text({ minLength: 1, maxLength: 512, pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
  description: text({
    minLength: 1,
    maxLength: 2048,
    pattern: '^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F]*$',
  }),
};

/** The schema of a kind of template, as plain data: give it to `JSON.stringify`. */
export function templateJsonSchema(kind: TemplateKind): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: kind === 'job' ? 'Open Job Description job template' : 'Open Job Description environment template',
    ...templates[kind],
    $defs: { ...shared, ...parameterDefinitions, ...scriptDefinitions },
  };
}
