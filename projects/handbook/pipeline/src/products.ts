/** Product types of the handbook. */
import { defineProductType } from '@pipl/pipe';
import { Pages, Script, Source, Style, Tree } from './assets.ts';

export const Content = defineProductType({ name: 'Content', assets: { pages: Pages } });
export const Theme = defineProductType({ name: 'Theme', assets: { style: Style } });
export const Program = defineProductType({ name: 'Program', assets: { source: Source } });
export const Library = defineProductType({ name: 'Library', assets: { script: Script } });
/** The pages of one content, as HTML in the theme's frame. */
export const Section = defineProductType({ name: 'Section', assets: { html: Tree } });
export const Site = defineProductType({ name: 'Site', assets: { site: Tree } });
