/** What a clock on the wall shows: `2026-06-01T20:00`; where clocks show it twice, with its offset: `2026-10-25T02:30+01:00`. */
export type LocalTime = string;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** So many zones are remembered; one costs some 10 kB. */
const REMEMBERED = 50;
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string) => {
  const known = formats.get(zone);
  if (known) return known;
  if (formats.size >= REMEMBERED) formats.clear();
  const made = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, made);
  return made;
};

/** By how much the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
const offsetAt = (moment: number, zone: string): number => {
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(formatOf(zone).format(moment)) ?? [];
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE;
  return sign === '-' ? -size : size;
};

/** `+02:00`. */
const offsetText = (offset: number): string =>
  `${offset < 0 ? '-' : '+'}${new Date(Math.abs(offset)).toISOString().slice(11, 16)}`;

/** What the clocks show, as if it were UTC. */
const wallText = (wall: number): LocalTime => new Date(wall).toISOString().slice(0, 16);

const read = (local: LocalTime) => ({
  wall: Date.parse(`${local.slice(0, 16)}Z`),
  offset: local.length > 16 ? local.slice(16) : undefined,
});

/** When the clocks of a zone show a local time: at one moment, at two, or never, as they jump over it. */
function momentsOf(wall: number, zone: string): { moments: number[]; offsets: readonly [number, number] } {
  // A day before and after, as no clock is further from UTC; nobody changes clocks twice within two days.
  const offsets = [offsetAt(wall - DAY, zone), offsetAt(wall + DAY, zone)] as const;
  const moments = [...new Set(offsets)]
    .map((offset) => wall - offset)
    .filter((moment) => wall - moment === offsetAt(moment, zone));
  return { moments: moments.sort((a, b) => a - b), offsets };
}

/** The first moment from which the clocks show what they show at `late`, to the minute. */
function changeBetween(early: number, late: number, zone: string): number {
  const after = offsetAt(late, zone);
  let [before, then] = [early, late];
  while (then - before > MINUTE) {
    const middle = before + Math.floor((then - before) / 2 / MINUTE) * MINUTE;
    if (offsetAt(middle, zone) === after) then = middle;
    else before = middle;
  }
  return then;
}

/** The moment that a local time of a zone means, or what is wrong with it and what is allowed, to be said after its field's name. */
export function momentOf(local: LocalTime, zone: string): Date | string {
  const { wall, offset } = read(local);
  if (!local.startsWith(wallText(wall))) return 'must be a day that there is';
  const { moments, offsets } = momentsOf(wall, zone);
  const [first, second] = moments;
  if (first === undefined) {
    const [before, after] = offsets;
    const change = changeBetween(wall - after, wall - before, zone);
    return `does not exist in ${zone}, whose clocks are put forward from ${wallText(change + before)} to ${wallText(change + after)} then`;
  }
  const named = moments.find((moment) => offsetText(wall - moment) === offset);
  if (named !== undefined) return new Date(named);
  const choices = moments.map((moment) => `${wallText(wall)}${offsetText(wall - moment)}`).join(' or ');
  if (offset !== undefined) return `must have the offset of ${zone} then: ${choices}`;
  return second === undefined
    ? new Date(first)
    : `is there twice in ${zone}, whose clocks are put back then: say ${choices}`;
}

/** Another local time as far from `to` as this one is from `from`: where the clocks jump over that, as much later; of two the first. */
export function moved(local: LocalTime, from: LocalTime, to: LocalTime, zone: string): LocalTime {
  const wall = read(local).wall + read(to).wall - read(from).wall;
  const {
    moments: [first, second],
    offsets: [before, after],
  } = momentsOf(wall, zone);
  if (first === undefined) return wallText(wall + after - before);
  return second === undefined ? wallText(wall) : `${wallText(wall)}${offsetText(wall - first)}`;
}
