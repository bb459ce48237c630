import { z } from 'zod';

export const Role = z.enum(['user', 'admin']);
export type Role = z.infer<typeof Role>;

/** Who asks, as the access token says. */
export const User = z.object({
  id: z.string(),
  email: z.string(),
  roles: z.array(Role),
  /** The session that the token belongs to. */
  sessionId: z.string(),
  /** In whose days they count, as an IANA name; unknown until they say so. */
  zone: z.string().optional(),
  /** As others are to call them; unknown until they say so. */
  name: z.string().optional(),
});
export type User = z.infer<typeof User>;

export const isAdmin = (user: Pick<User, 'roles'>): boolean => user.roles.includes('admin');
