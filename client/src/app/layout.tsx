import type { Metadata, Viewport } from 'next';
import localFont from 'next/font/local';
import type { ReactNode } from 'react';
import { config, footer } from '../config.ts';
import { Session } from '../session/keeper.tsx';
import { visitor } from '../session/visitor.ts';
import { Notice } from '../ui/parts.tsx';
import { Status } from '../ui/status.tsx';
import { Chrome } from './chrome.tsx';
import './globals.css';

const display = localFont({
  src: '../fonts/bricolage-grotesque.woff2',
  variable: '--display',
  weight: '200 800',
});
const text = localFont({ src: '../fonts/instrument-sans.woff2', variable: '--text', weight: '400 700' });

const DESCRIPTION =
  'See what is on and choose your places, or buy and sell tickets from person to person. What you reserve is yours until you have paid.';

export const generateMetadata = (): Metadata => ({
  metadataBase: new URL(config().PUBLIC_ORIGIN),
  title: { default: 'Ticketing: every ticket is sold once', template: '%s · Ticketing' },
  description: DESCRIPTION,
  openGraph: { siteName: 'Ticketing', type: 'website', description: DESCRIPTION },
  twitter: { card: 'summary_large_image' },
});

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#faf7f1' },
    { media: '(prefers-color-scheme: dark)', color: '#131210' },
  ],
};

const ClocksDiffer = () => (
  <Notice tone="warn">
    <p>
      The clocks of our servers differ at the moment, and we have been told. You are signed in; if something
      is refused, try again in a few minutes.
    </p>
  </Notice>
);

export default async function Layout({ children }: { children: ReactNode }): Promise<ReactNode> {
  const who = await visitor();
  return (
    <html lang="en" className={`${display.variable} ${text.variable}`}>
      <body>
        <Session
          person={who && { id: who.id, email: who.email, zone: who.zone }}
          lifetime={who?.lifetime ?? 0}
          left={who?.left ?? 0}
        >
          <Chrome footer={footer()}>
            {who?.clocks && <ClocksDiffer />}
            {children}
          </Chrome>
          <Status />
        </Session>
      </body>
    </html>
  );
}
