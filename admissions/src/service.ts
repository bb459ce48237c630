import { integer } from '@ticketing/common/config';
import { changes, StreamConfig } from '@ticketing/common/http/stream';
import { defineService } from '@ticketing/common/service';
import { commands } from './commands.ts';
import { handlers } from './handlers.ts';
import { AdmissionKeys } from './keys.ts';
import { admissionModel, eventModel } from './model.ts';
import { press } from './paper/press.ts';
import { routes } from './routes.ts';
import { changeFor, doorsOf } from './routes/changes.ts';

/** The right to enter: issued when a place is paid, and decided on at the door. */
export const admissions = defineService({
  name: 'admissions',
  config: StreamConfig.extend({
    ADMISSION_KEYS: AdmissionKeys,
    BUYER_CANCEL_SECONDS: integer(0).default(900),
  }),
  setup({ config, records, db, clock, random, log, metrics }) {
    const Admissions = records(admissionModel);
    const Events = db.store(eventModel);
    const regretSeconds = config.BUYER_CANCEL_SECONDS;
    const act = commands({ Admissions, Events, clock, regretSeconds });
    const stream = changes({
      name: 'admissions',
      store: Admissions,
      db,
      view: changeFor,
      without: ['claim', 'note', 'words'],
      audience: ({ eventId, holderId, formerId }) => [
        doorsOf(eventId),
        holderId,
        ...(formerId === undefined ? [] : [formerId]),
      ],
      config,
      clock,
      random,
      log,
      metrics,
    });
    const prints = press({ clock });
    return {
      routes: routes({
        act,
        Admissions,
        Events,
        stream,
        clock,
        keys: config.ADMISSION_KEYS,
        press: prints,
        regretSeconds,
      }),
      handlers: handlers(act, Events),
      streams: [stream],
      close: prints.close,
    };
  },
});
