export * from './api.ts';
export { connect } from './connect.ts';
export { integrityMatches, integrityOf, shasumOf } from './integrity.ts';
export { packTarball, type PackedFile, type PackedTarball } from './pack.ts';
export { tarballFiles, tarballLimits, type TarballFile, type TarballLimits } from './tarball.ts';
export { unpackTarball } from './unpack.ts';
