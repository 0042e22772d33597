/** Product types of the weather project. */
import { defineProductType } from '@pipl/pipe';
import { Csv, Json, Page, Svg } from './assets.ts';

/** As they were measured: date, precipitation in mm, temperatures in degrees Celsius, wind in m/s, weather. */
export const Observations = defineProductType({ name: 'Observations', assets: { table: Csv } });
/** delay in minutes, distance in miles, time of departure in hours */
export const Flights = defineProductType({ name: 'Flights', assets: { table: Json } });
/** {@link Day}s without gaps, in order */
export const Days = defineProductType({ name: 'Days', assets: { days: Json } });
/** {@link Sample}s, in order */
export const Samples = defineProductType({ name: 'Samples', assets: { samples: Json } });
export const Model = defineProductType({ name: 'Model', assets: { weights: Json } });
export const Metrics = defineProductType({ name: 'Metrics', assets: { metrics: Json } });
export const Report = defineProductType({ name: 'Report', assets: { page: Page } });
/** How late flights are, by the hour they leave in. */
export const Delays = defineProductType({ name: 'Delays', assets: { hours: Json } });
export const Chart = defineProductType({ name: 'Chart', assets: { chart: Svg } });
