/** The newest paid orders of one's tickets. */
export const SALES = '/api/orders?as=seller&status=complete&limit=200';

/** What one's tickets earned, by the days of a time zone. */
export const earningsPath = (zone = 'UTC'): string => `/api/orders/earnings?zone=${encodeURIComponent(zone)}`;
