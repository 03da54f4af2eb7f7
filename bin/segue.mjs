#!/usr/bin/env node
// The `segue` command: the same launcher as the npm scripts, so that an old Node is no obstacle here either.
process.argv.splice(2, 0, 'src/cli/main.ts');
await import('./prepare.mjs');
