export { type AssetStore, type Stored, openStore } from './store.ts';
export { type CheckedOut, type CheckoutMode, type CheckoutRequest } from './checkout.ts';
export { type TreeEntry } from './tree.ts';
export { frameOf } from './frames.ts';
