/** Asset types of the handbook. Folders are named alike in every version: names are part of their content. */
import { defineAssetType } from '@pipl/pipe';

/** A folder of Markdown files. */
export const Pages = defineAssetType({ name: 'Pages', kind: 'folder', basename: () => 'pages' });
/** A folder with `style.css` and `page.html`, in which `{title}`, `{content}` and `{root}` are filled in. */
export const Style = defineAssetType({ name: 'Style', kind: 'folder', basename: () => 'style' });
/** A folder of JavaScript with `main.js`. */
export const Source = defineAssetType({ name: 'Source', kind: 'folder', basename: () => 'source' });
export const Script = defineAssetType({
  name: 'Script',
  kind: 'file',
  basename: ({ product }) => `${product.shortName}.js`,
});
/** A folder of HTML. */
export const Tree = defineAssetType({ name: 'Tree', kind: 'folder', basename: () => 'html' });
