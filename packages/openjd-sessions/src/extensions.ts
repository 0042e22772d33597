/**
 * What this runtime can run of what the model can read: hand it to `decodeJobTemplate` as `supportedExtensions`,
 * so that a template which could not run is refused when it is read.
 */
export const runnableExtensions: readonly string[] = [
  'TASK_CHUNKING',
  'REDACTED_ENV_VARS',
  'FEATURE_BUNDLE_1',
  'EXPR',
  'WRAP_ACTIONS',
];
