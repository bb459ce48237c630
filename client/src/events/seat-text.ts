import { isolated } from '../ui/format.ts';

/** What a seat is called. */
export interface Called {
  block: string;
  row: string;
  seat: string;
}

/** `Stalls, row A, seat 3` */
export const seatText = ({ block, row, seat }: Called): string =>
  `${isolated(block)}, row ${isolated(row)}, seat ${isolated(seat)}`;
