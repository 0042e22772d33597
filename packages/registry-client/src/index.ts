export * from './api.ts';
export type * from './handlers.ts';
export * from './index-words.ts';
export * from './people-words.ts';
export type * from './plan-words.ts';
export type * from './record-words.ts';
export type { DeadLetter, Delivery, NewWebhook, OutletsClient, WebhookView } from './outlets.ts';
export type {
  BackedUp,
  BackupManifest,
  Finding,
  FsckOptions,
  FsckReport,
  Problem,
  Tidied,
  UpkeepClient,
} from './upkeep.ts';
export { connect } from './connect.ts';
export type { Fetch } from './request.ts';
export type { RerunAsk, RerunClient, RerunView } from './rerun-words.ts';
export type {
  Evidence,
  KnownPoint,
  MadePoint,
  PointOutput,
  Lineage,
  LineageDirection,
  LineageNode,
  MadeByRun,
  ProvenanceClient,
  Vouched,
} from './provenance-words.ts';
export {
  envelopeIn,
  inTotoType,
  opened,
  sealed,
  signedBytes,
  unverified,
  type Envelope,
  type Opened,
} from './dsse.ts';
export { integrityMatches, integrityOf, shasumOf } from './integrity.ts';
export { packTarball, type PackedFile, type PackedTarball } from './pack.ts';
export {
  endorsementText,
  signatureHolds,
  signedText,
  trustedKeys,
  type Signature,
  type SigningKey,
} from './signatures.ts';
export { openTarball, readTarball, tarballFiles, type TarballFile, type TarballReader } from './tarball.ts';
export { tarballLimits, type TarballLimits } from './tarball-entries.ts';
export { unpackTarball } from './unpack.ts';
