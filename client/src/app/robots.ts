import type { MetadataRoute } from 'next';

/** What is on and the market are for everybody; what is one's own is not for search engines. */
export default function robots(): MetadataRoute.Robots {
  return {
    rules: {
      userAgent: '*',
      allow: '/',
      disallow: ['/account', '/api/', '/orders', '/organize', '/sell', '/signin', '/signup'],
    },
  };
}
