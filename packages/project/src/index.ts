/** Everything a person does with pipl, as a typed API: the command line is one face of it. */
export { type AddAsset, addAsset, addProductAssets } from './asset-add.ts';
export { type CreateProject, createProject } from './create-project.ts';
export { readTemplate, type Template } from './templates.ts';
export {
  authFile,
  isUnprotected,
  login,
  loginTo,
  logout,
  type Notice,
  reader,
  renewLogin,
  writer,
  writerAs,
} from './credentials.ts';
export {
  lintAssets,
  type LintedAsset,
  lintFailed,
  migrateAssets,
  type MigratedAsset,
  previewAsset,
} from './asset-types.ts';
export { doCommand, type DoneCommand, listCommands, type ListedCommand } from './task-commands.ts';
export { gateFrom, removeGate, setGate, type AskedGate } from './gates.ts';
export { onlyTried, type SentRequest, type Trial, watched, type Watcher } from './watched.ts';
export { explainConfig, type ExplainedConfig, listConfigs, type ListedConfig } from './configuration.ts';
export { enterEnvsets, environmentHere, type EnvironmentHere } from './environment.ts';
export { type CheckedOutAssets, checkoutAssets, type CheckoutAssets } from './assets-checkout.ts';
export { completeTask, describeTask, type TaskDescription } from './describe-task.ts';
export { applied, difference, type Json, type PatchOperation } from './json-patch.ts';
export { packedFiles, type PackedFile, type PackedFiles } from './pack-files.ts';
export { type AddDependency, type AddedDependency, addDependency, withDependency } from './packl-add.ts';
export { type Bump, bumpPackl, bumps } from './packl-bump.ts';
export {
  type CreatedPackl,
  createPackl,
  type CreatePackl,
  type PacklKind,
  packlKinds,
} from './packl-create.ts';
export {
  editPackl,
  type PacklEdit,
  readPackl,
  recordByHand,
  showFolder,
  verifyHistory,
  type WrittenManifest,
} from './packl-file.ts';
export { type HistoryLine, parseHistory, readHistory, replay, unrecorded } from './packl-history.ts';
export { showSpec } from './packl-show.ts';
export { type Declares, findType, type FoundType } from './packl-types.ts';
export {
  type AddedHandler,
  addHandler,
  afterVerdict,
  followHandling,
  handlerFrom,
  type RemovedHandler,
  removeHandler,
  testHandler,
} from './handlers.ts';
export {
  changeIndex,
  createDefaultIndex,
  createIndex,
  listGroups,
  listIndexes,
  parseHandler,
  removeGroup,
  removeIndex,
  setGroup,
} from './indexes.ts';
export { addUser, listPackls, listUsers, removeUser, setUser } from './people.ts';
export { createToken, listTokens, readAudit, revokeToken } from './tokens.ts';
export type { AuditLine, NewToken, TokenView } from '@pipl/registry-client';
export {
  anyProject,
  findPackl,
  findProject,
  findWorkarea,
  findWorkspace,
  packlPath,
  projectPath,
  type Where,
  type Workarea,
  type Workspace,
  workspacePath,
} from './places.ts';
export { type Project, readProject, readServerAddress, type ServerAddress } from './project-file.ts';
export {
  exactVersion,
  judge,
  type Judged,
  promote,
  type Version,
  withdraw,
  type Withdrawn,
} from './promotion.ts';
export { type Onward, planAhead, type PlanAsk, planPublish, type Preview } from './preview.ts';
export {
  type CheckedPackl,
  checkPackls,
  type PlannedPackl,
  publish,
  type Publish,
  type PublishPlan,
} from './publish.ts';
export {
  findRun,
  type FollowRuns,
  followLog,
  followRuns,
  listRuns,
  listWaves,
  readLog,
  type RunsAsked,
  why,
} from './runs.ts';
export {
  compare,
  type Compared,
  type Difference,
  resolveSpec,
  type Resolved,
  sideOf,
  type Side,
} from './compare.ts';
export {
  heldEnvironment,
  type HeldAction,
  type MadeAgain,
  type Rebuilding,
  type Rebuilt,
  rebuildRun,
  type ReproduceRun,
} from './reproduce.ts';
export {
  runningServer,
  runServer,
  serverStatus,
  type ServerStatus,
  serverUrl,
  startServer,
  type StartOptions,
  stopServer,
} from './server.ts';
export type { RunningServer } from './server-notes.ts';
export { strippedModule, strippedPath } from './strip-types.ts';
export { asThirdPartyLock, lockThirdParty, thirdPartyOf } from './third-party-lock.ts';
export { type Verified, type Verify, verify } from './verify.ts';
export { type Rerun, rerun, sinceOf } from './rerun.ts';
export { type AskLineage, isContentPath, lineageOf } from './lineage.ts';
export { type VerifiedContent, type VerifyContent, verifyFile, verifySources } from './verify-file.ts';
export type { Making, ProvenVersion, Walked } from './walk.ts';
export type { Delivery, WebhookView } from '@pipl/registry-client';
export { backupProject, fsckProject, type Restore, restoreProject, type Tend } from './upkeep.ts';
export { isUrl } from './remote-project.ts';
export { createRemoteWorkarea, createWorkarea } from './workareas.ts';
export {
  createWorkspace,
  followServer,
  indexUrl,
  installWorkspace,
  inWorkspace,
  refreshWorkspace,
  workspaceEnvironment,
} from './workspaces.ts';
export {
  applyVersions,
  type Changeset,
  type ChangeSize,
  changeSizes,
  planVersions,
  readChangesets,
  recordChange,
  type VersionPlan,
} from './changesets.ts';
export { type Base, readBase, staleBase } from './packl-base.ts';
export { type EditedPackl, editPublished, mergedFrom } from './packl-edit.ts';
export { getFiles, type GotFiles } from './packl-get.ts';
export { publishedFiles, publishedHistory, type PublishedFiles } from './published-files.ts';
export { crowdedTasks, packlsIn, type WorkspacePackl } from './workspace-packls.ts';
export { knownAreas } from './known-areas.ts';
export { type OfflineAsset, prepareOffline } from './workspace-offline.ts';
export { removeWorkspace, unpublishedWork, workspaceNamed } from './workspace-remove.ts';
export {
  listWorkspaces,
  type PacklState,
  type WorkspaceState,
  workspaceState,
  type WorkspaceView,
} from './workspace-state.ts';
export {
  type Dependency,
  outdatedIn,
  syncWorkspace,
  type Updated,
  updateWorkspace,
} from './workspace-update.ts';
export { graphHere, type Looking } from './workspace-graph.ts';
export { examine } from './doctor.ts';
export { type Examined, type Finding } from './doctor-words.ts';
export { type Framework, frameworkOf, upgradeFramework } from './framework.ts';
export { type CreateTask, createTask } from './task-create.ts';
