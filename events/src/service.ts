import { inProduction, limitsInProduction } from '@ticketing/common/budget';
import { CodeKey } from '@ticketing/common/codes';
import { integer } from '@ticketing/common/config';
import { MarketCurrency } from '@ticketing/common/contracts/money';
import { guesses, GuessSettings } from '@ticketing/common/guesses';
import { changes, StreamConfig } from '@ticketing/common/http/stream';
import { defineService, sweeper } from '@ticketing/common/service';
import { commands } from './commands.ts';
import { eventModel, pictureModel } from './model.ts';
import { renderer } from './render.ts';
import { routes } from './routes.ts';
import { summary } from './routes/views.ts';

/** Events that organizers sell tickets for: tiers, places, codes and teams. It listens to nobody. */
export const events = defineService({
  name: 'events',
  config: StreamConfig.extend({
    CODE_KEY: CodeKey,
    ...GuessSettings,
    CURRENCY: MarketCurrency,
    FREE_TIER_LIMIT: integer(1, 1000).default(4),
    DRAFTS_LIMIT: integer(1, 10_000).default(100),
    PICTURE_MEGAPIXELS: integer(1, 100).default(40),
    PICTURE_SECONDS: integer(1, 60).default(10),
    PICTURES_PER_HOUR: integer(1, 10_000).default(60),
  }).refine(limitsInProduction, inProduction),
  setup({ config, records, db, clock, ids, random, log, metrics }) {
    const Events = records(eventModel);
    const Files = db.store(pictureModel);
    const act = commands({
      Events,
      Files,
      render: renderer({ megapixels: config.PICTURE_MEGAPIXELS, seconds: config.PICTURE_SECONDS }),
      picturesPerHour: config.PICTURES_PER_HOUR,
      clock,
      ids,
      random,
      codeKey: config.CODE_KEY,
      guesses: guesses(config, db, metrics),
      currency: config.CURRENCY,
      freeLimit: config.FREE_TIER_LIMIT,
      draftsLimit: config.DRAFTS_LIMIT,
    });
    const stream = changes({
      name: 'events',
      store: Events,
      db,
      view: (event) => summary(event),
      without: ['pools', 'marks', 'description', 'links', 'words', 'internal'],
      // A draft is for an audience that nobody is of.
      audience: ({ status }) => (status === 'draft' ? status : undefined),
      config,
      clock,
      random,
      log,
      metrics,
    });
    return {
      routes: routes(act, Events, Files, stream, { clock, currency: config.CURRENCY }),
      jobs: [sweeper(metrics, 'pictures', 600_000, act.sweepPictures)],
      streams: [stream],
    };
  },
});
