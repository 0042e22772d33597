/**
 * The cases where we follow the specification's text and the reference does something else. A case that is
 * listed here and passes nevertheless is a failure: the list must stay true.
 */
const settledAtCreation =
  'Template Schemas 5.1 and 5.3.2: timeout and notifyPeriodInSeconds are "@fmtstring" without "[host]", so they are resolved at job creation; the reference leaves them to the host.';

const folder = 'derived/2023-09';
const bundle = `${folder}/FEATURE_BUNDLE_1/job_templates`;

export const exceptions: Readonly<Record<string, string>> = {
  [`created_jobs: ${bundle}/create_job--env-resolved-symtab-includes-notify-period-refs.json`]:
    settledAtCreation,
  [`created_jobs: ${bundle}/create_job--env-resolved-symtab-includes-timeout-refs.json`]: settledAtCreation,
  [`created_jobs: ${bundle}/create_job--scope-boundary-cancelation-notify-period-not-resolved.json`]:
    settledAtCreation,
  [`created_jobs: ${bundle}/create_job--step-env-resolved-symtab-includes-notify-period-refs.json`]:
    settledAtCreation,
  [`created_jobs: ${bundle}/feature_bundle_1--timeout-format-string-with-extension-succeeds.json`]:
    settledAtCreation,
  [`refused_jobs: ${bundle}/create_job--simple-action-digit-starting-step-name.json`]:
    'Template Schemas 3.1 and 8: a step may be named 9frames and have a simple action; the reference derives an identifier from the name that it cannot read itself.',
  [`messages: ${folder}/base/job_templates/job_parameters--param-name-empty.invalid.json`]:
    'Template Schemas 7.1: an identifier has at most 64 characters without FEATURE_BUNDLE_1; the message of the reference says 512.',
  [`messages: ${folder}/base/env_templates/environment_template--env-missing-script-and-variables.invalid.json`]:
    'The reference counts one problem twice; the specification has one rule here, and we tell it once.',
};
