import { parseArgs } from 'node:util';
import { memoryBackend } from './memory.ts';
import { declareAll, type Plan, simulate, WORKLOADS } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    minutes: { type: 'string', default: '1' },
    workload: { type: 'string' },
    faults: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
const backend = memoryBackend();
await declareAll(backend);
const planOf = (seed: number): Plan => {
  const names = Object.keys(WORKLOADS);
  const workload = WORKLOADS[values.workload ?? names[seed % names.length] ?? ''];
  if (!workload) throw new Error(`--workload must be one of ${names.join(', ')}`);
  return { seed, ...workload, ...(values.faults !== undefined && { faults: Number(values.faults) }) };
};
if (values.seed !== undefined) {
  const outcome = await simulate(planOf(Number(values.seed)), backend);
  if (values.trace || outcome.failure) console.log(outcome.trace.join('\n'));
  console.log(outcome.failure ?? `nothing found in ${outcome.steps} steps`);
  process.exit(outcome.failure ? 1 : 0);
}
const end = Date.now() + Number(values.minutes) * 60_000;
let [runs, steps, failed] = [0, 0, 0];
const seen = new Set<string>();
for (let seed = Date.now() % 1e9; Date.now() < end && failed < 5; seed++) {
  const outcome = await simulate(planOf(seed), backend);
  runs += 1;
  steps += outcome.steps;
  seen.add(outcome.interleaving);
  if (outcome.failure) {
    failed += 1;
    console.log(`seed ${seed}: ${outcome.failure}`);
  }
}
console.log({ runs, steps, perRun: steps / runs, interleavings: seen.size, failed });
process.exit(0);
