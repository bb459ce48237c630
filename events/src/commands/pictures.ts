import { change, type Records } from '@ticketing/common/record';
import { isRejection, reject, type Rejection } from '@ticketing/common/rejection';
import type { Ports } from '@ticketing/common/service';
import { isDuplicate, type Store } from '@ticketing/common/store';
import { illustrate, mayIllustrate, type Rendered, unlike } from '../domain/pictures.ts';
import type { EventRecord, Expected, Pictures } from '../domain/record.ts';
import { type Asker, unknown } from '../domain/team.ts';
import type { PictureFile } from '../model.ts';

export interface PicturePorts extends Pick<Ports, 'clock'> {
  Events: Records<EventRecord>;
  Files: Store<PictureFile>;
  /** The picture in its widths, smallest first, or why it cannot be taken. */
  render(picture: Buffer): Promise<Rendered[] | Rejection>;
  /** How many pictures an account may send in an hour. */
  picturesPerHour: number;
}

const HOUR = 3600_000;
/** What nobody shows is kept for so long, in milliseconds: who began to show it has surely written so by then. */
const GRACE = HOUR;
/** Files that are looked at together. */
const PAGE = 500;

/**
 * A file is noted as wanted before an event says that it shows it, so that a sweep between the two leaves it. What is left
 * behind, by another picture, a draft that is gone, or a process that died here, a sweep finds.
 */
export const pictureCommands = ({ Events, Files, clock, render, picturesPerHour }: PicturePorts) => {
  const store = async ({ id: _id, bytes }: Rendered, by?: string) => {
    const wanted = { $set: { at: clock.now(), ...(by && { by }) }, $setOnInsert: { bytes } };
    await Files.updateOne({ _id }, wanted, { upsert: true }).catch((error: unknown) => {
      // Somebody sent the same at the same time.
      if (!isDuplicate(error)) throw error;
    });
  };

  return {
    async illustrate(user: Asker, id: string, picture: Buffer, expected: Expected) {
      const event = await Events.findOne({ _id: id });
      const refused =
        (event ? mayIllustrate(user, event, clock.now(), expected) : unknown(id)) ?? unlike(picture);
      if (refused) return refused;
      const since = new Date(clock.now().getTime() - HOUR);
      const sent = await Files.count({ by: user.id, at: { $gte: since } }, picturesPerHour);
      if (sent >= picturesPerHour)
        return reject('too-many', `You sent ${picturesPerHour} pictures within an hour: wait a while`, {
          retryAfter: 600,
        });
      const rendered = await render(picture);
      if (isRejection(rendered)) return rendered;
      for (const file of rendered) await store(file, file === rendered.at(-1) ? user.id : undefined);
      return change(Events, id, illustrate(user, rendered, clock.now(), expected));
    },

    withoutPicture: (user: Asker, id: string, expected: Expected) =>
      change(Events, id, illustrate(user, [], clock.now(), expected)),

    /** What a copy of an event shows: the same files. */
    async keepShown({ pictures, pictureSizes }: EventRecord): Promise<Pictures> {
      if (!pictures || !pictureSizes) return {};
      const shown = { _id: { $in: pictures } };
      await Files.updateMany(shown, { $set: { at: clock.now() } });
      return (await Files.count(shown)) === pictures.length ? { pictures, pictureSizes } : {};
    },

    /** Resolves with how many files went. */
    async sweepPictures(): Promise<number> {
      const unwanted = { at: { $lt: new Date(clock.now().getTime() - GRACE) } };
      let gone = 0;
      for (let after = ''; ;) {
        const page = await Files.find(
          { _id: { $gt: after }, ...unwanted },
          { sort: { _id: 1 }, limit: PAGE, projection: { _id: 1 } },
        );
        const ids = page.map(({ _id }) => _id);
        const last = ids.at(-1);
        if (last === undefined) return gone;
        const showing = await Events.find(
          { pictures: { $in: ids } },
          { projection: { pictures: 1 }, readConcern: 'majority' },
        );
        const shown = new Set(showing.flatMap(({ pictures = [] }) => pictures));
        const left = ids.filter((id) => !shown.has(id));
        // Who began to show one meanwhile has noted that.
        if (left.length > 0) gone += await Files.deleteMany({ _id: { $in: left }, ...unwanted });
        after = last;
      }
    },
  };
};
