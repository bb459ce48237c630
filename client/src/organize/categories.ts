/** What an event may be, as `events` knows it, and as people call it. */
export const CATEGORIES = [
  ['art', 'Art'],
  ['business', 'Business'],
  ['club', 'Club night'],
  ['comedy', 'Comedy'],
  ['community', 'Community'],
  ['concert', 'Concert'],
  ['conference', 'Conference'],
  ['family', 'Family'],
  ['festival', 'Festival'],
  ['film', 'Film'],
  ['food', 'Food and drink'],
  ['sports', 'Sports'],
  ['theatre', 'Theatre'],
  ['workshop', 'Workshop'],
  ['other', 'Something else'],
] as const;
