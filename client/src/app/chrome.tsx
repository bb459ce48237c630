'use client';

import Link from 'next/link';
import { usePathname, useSearchParams } from 'next/navigation';
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import { useEnded, usePerson } from '../session/keeper.tsx';
import { LinkButton } from '../ui/button.tsx';
import { isolated } from '../ui/format.ts';
import { late } from '../ui/late.tsx';
import styles from './chrome.module.css';

const Unpaid = late(() => import('../orders/unpaid.tsx').then((file) => file.Unpaid));
const Over = late(() => import('../account/over.tsx').then((file) => file.Over));

const PLACES = [
  { href: '/', label: 'What’s on', icon: 'M4 6h16v14H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8' },
  { href: '/market', label: 'Market', icon: 'M4 8h14l-3.5-3.5M20 16H6l3.5 3.5' },
  {
    href: '/my-tickets',
    label: 'My tickets',
    icon: 'M3 7h18v3.5a1.8 1.8 0 0 0 0 3.5v3H3v-3a1.8 1.8 0 0 0 0-3.5zM14 7v10',
  },
  { href: '/orders', label: 'Orders', icon: 'M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6' },
  { href: '/selling', label: 'Selling', icon: 'M12 5v14M5 12h14' },
  { href: '/organize', label: 'Organize', icon: 'M4 10v4l11 5V5zM18 9.5a3.2 3.2 0 0 1 0 5M7.5 15.8V20h3v-3' },
] as const;

interface Props {
  /** Pages of whoever runs the market. */
  footer: readonly { label: string; href: string }[];
  children: ReactNode;
}

/** What stands around every page. */
export function Chrome({ footer, children }: Props): ReactNode {
  const path = usePathname();
  const person = usePerson();
  const ended = useEnded();

  useEffect(() => {
    // Without a connection, what it kept says so instead of the browser's own page.
    if ('serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  }, []);

  // As a browser does after loading a page: who reads by ear or moves by key begins at what is new.
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current !== path) document.getElementById('main')?.focus({ preventScroll: true });
    shown.current = path;
  }, [path]);

  const query = useSearchParams();
  const here = query.size === 0 ? path : `${path}?${query}`;
  const back = path.startsWith('/sign') ? '' : `?to=${encodeURIComponent(here)}`;
  return (
    <>
      <a className={styles['skip']} href="#main">
        Skip to the content
      </a>
      <header className={styles['header']}>
        <div className={styles['inner']}>
          <Link href="/" className={styles['brand']}>
            <svg viewBox="0 0 40 28" aria-hidden="true">
              <path d="M3 0h34a3 3 0 0 1 3 3v6.5a4.5 4.5 0 0 0 0 9V25a3 3 0 0 1-3 3H3a3 3 0 0 1-3-3v-6.5a4.5 4.5 0 0 0 0-9V3a3 3 0 0 1 3-3Z" />
              <path d="M26.5 4v20" strokeDasharray="3 3.4" />
            </svg>
            <span>Ticketing</span>
          </Link>
          <nav aria-label="Main" className={styles['places']}>
            {PLACES.map(({ href, label, icon }) => (
              <Link key={href} href={href} prefetch={false} aria-current={path === href ? 'page' : undefined}>
                <svg viewBox="0 0 24 24" aria-hidden="true">
                  <path d={icon} />
                </svg>
                <span>{label}</span>
              </Link>
            ))}
          </nav>
          {person && !ended.over ? (
            <Link
              href="/account"
              prefetch={false}
              className={styles['me']}
              aria-label={`Account of ${isolated(person.email)}`}
              aria-current={path === '/account' ? 'page' : undefined}
            >
              <span aria-hidden="true">{Array.from(person.email)[0]?.toUpperCase()}</span>
            </Link>
          ) : (
            <LinkButton href={`/signin${back}`} prefetch={false} quiet small>
              Sign in
            </LinkButton>
          )}
        </div>
      </header>
      {person && <Unpaid key={person.id} />}
      {ended.asks && <Over signIn={`/signin${back}`} onClose={ended.close} />}
      {/* What a page holds is somebody's: for another person it begins anew. */}
      <Fragment key={person?.id}>{children}</Fragment>
      <footer className={styles['footer']}>
        <p>Every ticket is sold once. If an order cannot be kept, you get your money back.</p>
        {footer.length > 0 && (
          <nav aria-label="About this market">
            {footer.map(({ label, href }) => (
              <a key={label} href={href}>
                {label}
              </a>
            ))}
          </nav>
        )}
      </footer>
    </>
  );
}
