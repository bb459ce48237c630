declare module 'linebreak' {
  class LineBreaker {
    constructor(text: string);
    /** Where a line may end next (UAX 14). */
    nextBreak(): { position: number; required: boolean } | null;
  }
  export = LineBreaker;
}
