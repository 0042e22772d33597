export { type AssetStore, type Stored, openStore } from './store.ts';
export { type CheckedOut, type CheckoutMode, type CheckoutRequest } from './checkout.ts';
export { parseTree, type TreeEntry } from './tree.ts';
export { contentDigestOf, type FoundContent } from './content-digest.ts';
export { frameOf } from './frames.ts';
