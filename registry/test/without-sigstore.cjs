/**
 * Loaded into npm by a test: sigstore's public list of keys, which npm asks before the registry itself, has
 * nothing about this registry. (Without a network npm would not get as far as asking us.)
 */
const Module = require('node:module');

const load = Module._load;
const nothing = () =>
  Promise.reject(Object.assign(new Error('not found'), { code: 'TUF_FIND_TARGET_ERROR' }));
Module._load = function (name, ...rest) {
  if (name === '@sigstore/tuf') return { initTUF: () => Promise.resolve({ getTarget: nothing }) };
  return load.call(this, name, ...rest);
};
