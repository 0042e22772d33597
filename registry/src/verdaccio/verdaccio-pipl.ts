/**
 * The one file that Verdaccio's loader finds. 6.10.4 loads plugins by name from a folder and calls their
 * default export with the plugin's part of the configuration: ours carries a function that returns the
 * plugin which lives in this process already. (Its configuration is deep-cloned and merged on the way;
 * functions inside it survive both.)
 */
export default function make(config: { make: () => object }): object {
  return config.make();
}
