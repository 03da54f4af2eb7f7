// A process that holds a data folder's lock until it is killed: node holder.ts <folder>
import { lockDirectory } from '../../src/store/directory-lock.ts';

await lockDirectory(process.argv[2]!, new Date());
process.stdout.write('held\n');
setInterval(() => {}, 1_000);
