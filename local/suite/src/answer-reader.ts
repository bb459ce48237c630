interface Reader {
  /** Name and value in turns. */
  head(status: number, message: string, headers: string[]): void;
  body(bytes: Buffer): void;
  /** With the last bytes; `reusable` says whether the connection can carry another request. */
  end(bytes: Buffer, reusable: boolean): void;
  malformed(): void;
}

type State = 'head' | 'sized' | 'size' | 'chunk' | 'trailer' | 'open' | 'over';

/** An answer's head is at most so long, in bytes: as Node's own limit, doubled. */
const HEAD = 32_768;
const NONE = Buffer.alloc(0);

/** Reads one answer of HTTP/1.1 as its bytes come: of a length, in chunks, or until the connection ends. */
export function answerReader(headOnly: boolean, { head, body, end, malformed }: Reader) {
  let rest: Buffer = NONE;
  let state: State = 'head';
  let left = 0;
  let keep = true;

  const over = (bytes: Buffer) => {
    state = 'over';
    // What comes after the answer belongs to nobody.
    end(bytes, keep && rest.length === 0);
  };
  const bad = () => {
    state = 'over';
    malformed();
  };
  const line = (): string | undefined => {
    const at = rest.indexOf('\r\n');
    if (at < 0) {
      if (rest.length > HEAD) bad();
      return undefined;
    }
    const text = rest.toString('latin1', 0, at);
    rest = rest.subarray(at + 2);
    return text;
  };

  const readHead = (): boolean => {
    const at = rest.indexOf('\r\n\r\n');
    if (at < 0) {
      if (rest.length > HEAD) bad();
      return false;
    }
    const [first = '', ...lines] = rest.toString('latin1', 0, at).split('\r\n');
    rest = rest.subarray(at + 4);
    const [, status, message = ''] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first) ?? [];
    if (status === undefined) return (bad(), false);
    if (status.startsWith('1')) return true;
    const headers: string[] = [];
    let length: number | undefined;
    let chunked = false;
    for (const text of lines) {
      const colon = text.indexOf(':');
      const [name, value] = [text.slice(0, colon), text.slice(colon + 1).trim()];
      headers.push(name, value);
      const known = name.toLowerCase();
      if (known === 'content-length') length = Number(value);
      else if (known === 'transfer-encoding') chunked = true;
      else if (known === 'connection') keep = value.toLowerCase() !== 'close';
    }
    head(Number(status), message, headers);
    if (headOnly || status === '204' || status === '304') left = 0;
    else if (chunked) return ((state = 'size'), true);
    else if (length === undefined) return ((state = 'open'), (keep = false), true);
    else left = length;
    state = 'sized';
    return true;
  };

  const readSized = (): boolean => {
    if (rest.length < left) {
      left -= rest.length;
      if (rest.length > 0) body(rest);
      rest = NONE;
      return false;
    }
    const bytes = rest.subarray(0, left);
    rest = rest.subarray(left);
    if (state === 'sized') over(bytes);
    else {
      // The line's end that follows a chunk.
      if (bytes.length > 0) body(bytes);
      state = 'trailer';
      left = -1;
    }
    return true;
  };

  const steps: Record<State, () => boolean> = {
    head: readHead,
    sized: readSized,
    chunk: readSized,
    size() {
      const text = line();
      if (text === undefined) return false;
      left = parseInt(text, 16);
      if (Number.isNaN(left)) return (bad(), false);
      state = left === 0 ? 'trailer' : 'chunk';
      return true;
    },
    trailer() {
      const text = line();
      if (text === undefined) return false;
      if (left === -1) state = 'size';
      else if (text === '') over(NONE);
      return true;
    },
    open() {
      if (rest.length > 0) body(rest);
      rest = NONE;
      return false;
    },
    over: () => false,
  };

  return {
    take(bytes: Buffer): void {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      while (steps[state]());
    },
    /** The connection has ended: whether that ends the answer as it should. */
    ended(): boolean {
      if (state === 'open') over(NONE);
      return state === 'over';
    },
  };
}
