import { z } from 'zod';

/** Of our `"3"` proxies make `W/"3"` and `"3-gzip"` when they compress an answer: the version is the same. */
const TAG = String.raw`(?:W/)?"\d+(?:[-;:][\w;:-]*)?"`;

/** `If-Match: "3"`, or several: the versions that a change was made from; `*` and no header accept any. */
export const IfMatch = z.object({
  'if-match': z
    .string()
    .regex(new RegExp(String.raw`^(?:\*|${TAG}(?:[ \t]*,[ \t]*${TAG})*)$`), 'must be an ETag such as "3"')
    .transform((tags) =>
      tags === '*' ? undefined : [...tags.matchAll(/"(\d+)/g)].map(([, version]) => Number(version)),
    )
    .optional()
    .meta({ description: 'The version that the change was made from' }),
});
