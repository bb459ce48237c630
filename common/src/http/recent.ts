/** Remembered for readers that come back; one that was away for longer is told to reload. */
const MEMORY = 5000;
/** And no more than so many bytes of it. */
const MEMORY_BYTES = 8_000_000;
/** Forgotten at once, as cutting one off moves all the others: a tenth. */
const KEPT = 0.9;

/** A change as it is sent. */
export interface Seen {
  /** Its place among all changes (`Change.token`); none when it was polled for. */
  token: string;
  audience: string | undefined;
  /** As text, which the garbage collector passes over faster than objects. */
  text: string;
  bytes: number;
}

/** Whether who knows all up to `place` knows it. What was polled for has no place, and is told to all. */
export const isKnown = ({ token }: Pick<Seen, 'token'>, place: string): boolean =>
  token !== '' && token <= place;

/** The newest changes of a stream. */
export function recent() {
  const memory: Seen[] = [];
  let remembered = 0;
  /** What changed after this is remembered, or still to be heard. */
  let begins = '';

  return {
    newest: () => memory.at(-1)?.token,
    add(seen: Seen) {
      memory.push(seen);
      remembered += seen.bytes;
      if (memory.length <= MEMORY && remembered <= MEMORY_BYTES) return;
      let gone = 0;
      while (memory.length - gone > MEMORY * KEPT || remembered > MEMORY_BYTES * KEPT)
        remembered -= memory[gone++]?.bytes ?? 0;
      memory.splice(0, gone);
      begins = memory[0]?.token ?? begins;
    },
    /** From `place` on it is heard anew. */
    forget(place: string) {
      memory.length = 0;
      remembered = 0;
      begins = place;
    },
    /** What an audience missed after `place`; undefined where that is not known, or more than `most` bytes. */
    missed(place: string, audience: string | undefined, most: number): Seen[] | undefined {
      if (place < begins) return undefined;
      const missed: Seen[] = [];
      let bytes = 0;
      for (let at = memory.length - 1; at >= 0; at--) {
        const seen = memory[at];
        if (!seen || isKnown(seen, place)) break;
        if (seen.audience !== audience) continue;
        bytes += seen.bytes;
        if (bytes > most) return undefined;
        missed.push(seen);
      }
      return missed.reverse();
    },
  };
}
