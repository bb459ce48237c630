import { parentPort } from 'node:worker_threads';
import { draw } from './draw.ts';
import type { Asked, Drawn } from './press.ts';

// One after the other: a drawing is done before the next message is read, but for its end.
parentPort?.on('message', ({ n, papers }: Asked) => {
  void draw(papers).then(
    (whole) => {
      const bytes = new Uint8Array(whole);
      tell({ n, bytes }, [bytes.buffer]);
    },
    (error: unknown) => tell({ n, error: String(error) }),
  );
});

const tell = (drawn: Drawn, moved: ArrayBuffer[] = []) => parentPort?.postMessage(drawn, moved);
