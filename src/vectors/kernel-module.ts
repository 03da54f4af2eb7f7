import { readFileSync } from 'node:fs';

// Compiling takes a millisecond or two; each thread makes an instance of its own over the one shared memory.

/** Instance of kernel/<name>.wasm over `memory`; the caller names its exports. Throws what WebAssembly throws: a bug. */
export function startKernel<Exports>(
  name: 'train' | 'search' | 'dense' | 'factors',
  memory: WebAssembly.Memory,
): Exports {
  const bytes = readFileSync(new URL(`../../kernel/${name}.wasm`, import.meta.url));
  const module = new WebAssembly.Module(bytes);
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
}
