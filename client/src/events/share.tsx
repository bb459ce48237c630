'use client';

import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { say } from '../ui/status.tsx';

/** Shows an event to others: as the device does that, else its address is copied. */
export function Share({ path, title }: { path: string; title: string }): ReactNode {
  const share = async () => {
    const url = new URL(path, location.href).href;
    const data = { title, url };
    // There is neither on plain http, nor the first on most desks.
    try {
      if ('share' in navigator && navigator.canShare(data)) return await navigator.share(data);
      await navigator.clipboard.writeText(url);
      say('The address is copied.');
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) say(url);
    }
  };
  return (
    <Button quiet small onClick={() => void share()}>
      Share
    </Button>
  );
}
