// A process of its own, because the downloader cannot be interrupted: `node download-mongod.ts <folder>`.
import { createRequire } from 'node:module';

type Finder = {
  MongoBinary: { getPath(options: { downloadDir: string; checkMD5: boolean }): Promise<string> };
};

const [downloadDir] = process.argv.slice(2);
if (!downloadDir) throw new Error('the folder to download into is missing');
const { MongoBinary } = createRequire(import.meta.url)(
  'mongodb-memory-server-core/lib/util/MongoBinary.js',
) as Finder;
try {
  console.log(`mongod: ${await MongoBinary.getPath({ downloadDir, checkMD5: true })}`);
} catch (error) {
  console.error(`error: ${String(error).replace(/\s+/g, ' ')}`);
  process.exit(1);
}
