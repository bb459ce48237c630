import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { loaded } from './loaded.ts';

/** A part that is loaded after its page, by who needs it; the page is whole without it, also until it comes. */
export function late<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => ReactNode {
  const Part = lazy(() => loaded(load).then((part) => ({ default: part })));
  return (props) => (
    <Suspense>
      <Part {...props} />
    </Suspense>
  );
}
