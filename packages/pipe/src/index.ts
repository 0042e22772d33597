/**
 * What pipeline authors import: definitions of asset types, product types and task types.
 *
 * Importing this loads nothing else and does nothing: definitions are data. `pipl-step` turns a task type into an
 * Open Job Description template and runs its steps.
 */
export {
  type AssetKind,
  type AssetMethods,
  type AssetOnDisk,
  type AssetType,
  defineAssetType,
  type FrameNaming,
  type Naming,
  type ProductIdentity,
} from './asset-types.ts';
export {
  type AssetContent,
  type AssetRef,
  type AssetReference,
  type AssetStoreService,
  type Materialize,
  type MaterializedAsset,
  type MaterializeMode,
  type StoredAsset,
} from './asset-store.ts';
export { defineProduct, type InstalledProduct, type Product, type ProductDependencies } from './products.ts';
export { services } from './services.ts';
export {
  type Config,
  defineService,
  type ServiceContext,
  type ServiceDefinition,
  type ServiceFactory,
  type Services,
  type ServiceTypes,
} from './service-types.ts';
export { defineProductType, type Many, many, type ProductType } from './product-types.ts';
export { type InputFile, type InputFolder, type InputSequence } from './inputs.ts';
export { type OutputFile, type OutputFolder, type OutputSequence } from './outputs.ts';
export { type Schema } from './schema.ts';
export { type Dependencies, type TaskHandle } from './task-handle.ts';
export {
  type CommandContext,
  defineTaskType,
  type StepContext,
  type TaskContext,
  type TaskType,
} from './task-types.ts';
