/** What a browser keeps for these pages; one that is to keep nothing for pages refuses the very question. */
export const storage = (where: 'localStorage' | 'sessionStorage'): Storage | undefined => {
  try {
    return window[where];
  } catch {
    return undefined;
  }
};
