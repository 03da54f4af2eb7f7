// Exact search: the best rows of a matrix for one query or many, by a scan that is fast and never wrong. A scan bounds each
// row's score from above and scores exactly (f64) what may be among the best; the best found raise the floor for the rest.
// src/vectors/nearest.ts is the truth: the same rows in the same order with the same bits.

export { begin, configureMatrix, configureQueries, configureThread } from './search-state';
export { encode } from './search-encode';
export { scanCodes } from './search-codes';
export { scanValues } from './search-values';
