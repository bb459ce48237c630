import type { ReactNode } from 'react';
import ui from '../ui/ui.module.css';

/** A part of the editor, which links lead to. */
export const Section = ({
  id,
  title,
  children,
}: {
  id: string;
  title: string;
  children: ReactNode;
}): ReactNode => (
  <section id={id} className={ui['panel']} aria-labelledby={`${id}-title`} tabIndex={-1}>
    <h2 id={`${id}-title`}>{title}</h2>
    {children}
  </section>
);
