import type { Db } from 'mongodb';

/** A sentence for each file of a picture that an event shows, and that is not there. */
export const pictureless = async (events: Db): Promise<string[]> => {
  const missing = await events
    .collection('events')
    .aggregate<{ _id: string; pictures: string }>([
      { $match: { pictures: { $exists: true } } },
      { $project: { pictures: 1 } },
      { $unwind: '$pictures' },
      {
        $lookup: {
          from: 'pictures',
          localField: 'pictures',
          foreignField: '_id',
          pipeline: [{ $project: { _id: 1 } }],
          as: 'files',
        },
      },
      { $match: { files: [] } },
    ])
    .toArray();
  return missing.map(({ _id, pictures }) => `event ${_id} shows the picture ${pictures}, which is not there`);
};
