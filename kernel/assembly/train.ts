import { dot } from './simd';

export { dot };
