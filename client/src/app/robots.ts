import type { MetadataRoute } from 'next';

/** What is on and the market are for everybody; what is one's own is not for search engines. */
export default function robots(): MetadataRoute.Robots {
  return {
    rules: {
      userAgent: '*',
      // A preview of an event shows its picture.
      allow: ['/', '/api/events/pictures/'],
      disallow: ['/account', '/api/', '/orders', '/organize', '/sell', '/signin', '/signup'],
    },
  };
}
