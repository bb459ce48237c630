import { natsStreamingBus } from '@ticketing/common/bus/nats-streaming';
import { brokerUrl, clusterId, fail } from './settings.ts';

/** A bus on the broker of the environment, that tells on standard error how it fares. */
export const brokerBus = () => {
  const tell = (about: object, text: string) => {
    const { err } = about as { err?: unknown };
    console.error(err instanceof Error ? `${text}: ${err.message}` : text);
  };
  try {
    return natsStreamingBus({
      url: brokerUrl(),
      clusterId: clusterId(),
      name: 'nats-tests',
      log: { info: tell, warn: tell },
    });
  } catch (error) {
    return fail(`NATS_URL: ${(error as Error).message}`);
  }
};
