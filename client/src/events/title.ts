import type { EventView } from '../api/types.ts';
import { isolated } from '../ui/format.ts';
import { type Standing, WORDS } from './words.ts';

/** What a tab of the browser calls an event. */
export const tabTitleOf = ({ title }: Pick<EventView, 'title'>, state: Standing): string =>
  ['cancelled', 'postponed', 'over', 'draft'].includes(state)
    ? `${WORDS[state].label} · ${isolated(title)}`
    : isolated(title);
