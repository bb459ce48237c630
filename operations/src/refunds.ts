import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { amountText } from '@ticketing/common/currency';
import { text } from '@ticketing/common/text';
import { withDatabases } from './databases.ts';
import type { Running } from './running.ts';

const USAGE =
  'Usage: npm run refunds -- list | retry <payment> | close <payment> --note "what the buyer is told"';

/** As `payments` keeps it. */
interface Payment {
  _id: string;
  orderId: string;
  currency: string;
  status: string;
  refund?: { status: string; amount: number; attempt: number; why?: string; note?: string };
  dispute?: { status: string; amount: number };
  warnedAt?: Date;
  asked?: { do: 'retry' } | { do: 'close'; note: string };
}

/** Lists the refunds that wait for a person, and what is disputed; has one tried again, or closes it with a note that its buyer reads. */
export async function refunds(
  running: Running,
  args: readonly string[],
  say: (line: string) => void,
): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { note: { type: 'string' } },
    allowPositionals: true,
  });
  const [action = 'list', _id] = positionals;
  const asked = askedBy(action, values.note);
  if (action !== 'list' && (!asked || _id === undefined)) throw new Error(USAGE);
  await withDatabases(running, async (database) => {
    const payments = database('payments').collection<Payment>('payments');
    if (!asked || _id === undefined) {
      const failed = await payments.find({ status: 'succeeded', 'refund.status': 'failed' }).toArray();
      for (const { _id: id, orderId, currency, refund } of failed)
        say(
          `${id}  order ${orderId}  ${amountText(refund?.amount ?? 0, currency)}, attempt ${refund?.attempt}: ${refund?.why ?? 'sent back by the bank'}`,
        );
      const alarming = {
        status: 'succeeded',
        $or: [{ 'dispute.status': 'open' }, { warnedAt: { $exists: true } }],
      };
      for await (const { _id: id, orderId, currency, dispute } of payments.find(alarming))
        say(
          `${id}  order ${orderId}  ${dispute?.status === 'open' ? `disputed, ${amountText(dispute.amount, currency)}: answer the bank in the dashboard` : 'its bank warns of fraud'}`,
        );
      return say(
        failed.length === 0 ? 'No refund waits for a person.' : `${failed.length} waiting for a person.`,
      );
    }
    // Whether it may be done is for the service to decide, on the newest that it knows.
    const { matchedCount } = await payments.updateOne(
      { _id, status: 'succeeded', 'refund.status': { $in: ['failed', 'closed'] } },
      { $set: { asked } },
    );
    if (matchedCount === 0) throw new Error(`Payment ${_id} has no refund that failed.`);
    say(`Asked payments to ${action} the refund of payment ${_id} …`);
    for (;;) {
      const payment = await payments.findOne({ _id });
      if (payment && !payment.asked) {
        const { refund } = payment;
        return say(
          `It is ${refund?.status}${refund?.note === undefined ? '.' : `; the buyer reads: ${refund.note}`}`,
        );
      }
      await delay(200);
    }
  });
}

/** As the buyer reads it. */
const Note = text({ most: 500, lines: true });

const askedBy = (action: string, note: string | undefined): Payment['asked'] => {
  if (action === 'retry') return { do: 'retry' };
  if (action !== 'close' || note === undefined) return undefined;
  const read = Note.safeParse(note);
  if (!read.success) throw new Error(`--note ${read.error.issues[0]?.message}.`);
  return { do: 'close', note: read.data };
};
