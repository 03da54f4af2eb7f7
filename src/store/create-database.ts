// Run as a process of its own by embedded-folder.ts: makes an empty embedded database in the folder it is told, and ends.
import { EmbeddedDatabase } from './embedded.ts';

const [directory, schema] = process.argv.slice(2) as [string, string];
try {
  const database = await EmbeddedDatabase.open({ directory, schema });
  await database.close();
} catch (error) {
  const { message, code } = error as { message: string; code?: string };
  process.send!({ message, code });
}
process.disconnect();
