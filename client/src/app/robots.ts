import type { MetadataRoute } from 'next';

/** The market and its tickets are for everybody; what is one's own is not for search engines. */
export default function robots(): MetadataRoute.Robots {
  return {
    rules: {
      userAgent: '*',
      allow: '/',
      disallow: ['/account', '/api/', '/orders', '/sell', '/signin', '/signup'],
    },
  };
}
