/** What kinds of events there are, as `events` has them, and what they are called. */
export const CATEGORIES = {
  art: 'Art',
  business: 'Business',
  club: 'Club',
  comedy: 'Comedy',
  community: 'Community',
  concert: 'Concert',
  conference: 'Conference',
  family: 'Family',
  festival: 'Festival',
  film: 'Film',
  food: 'Food and drink',
  sports: 'Sports',
  theatre: 'Theatre',
  workshop: 'Workshop',
  other: 'Something else',
} as const;
export type Category = keyof typeof CATEGORIES;
