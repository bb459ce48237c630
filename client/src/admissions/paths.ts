/** What somebody holds for events that are not over. */
export const COMING = '/api/admissions?when=coming&limit=200';
export const PAST = '/api/admissions?when=past';

/** Those of an order that who bought it still holds. */
export const ofOrder = (orderId: string): string => `/api/admissions?orderId=${orderId}&limit=200`;
