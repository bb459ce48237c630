/** The newest paid orders of one's tickets. */
export const SALES = '/api/orders?as=seller&status=complete&limit=200';
