import { createHash } from 'node:crypto';

const TIME = 8;
const REST = 16;

/** The id of the admission of a place that an order sold: of the order's time, so that a repeated message makes the same one. */
export const admissionId = (orderId: string, placeId: string): string =>
  orderId.slice(0, TIME) + createHash('sha256').update(`${orderId} ${placeId}`).digest('hex').slice(0, REST);
