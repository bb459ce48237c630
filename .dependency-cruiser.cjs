// `npm run boundaries`. Each rule has a planted violation in tests/boundaries/dependencies.test.ts that it must catch.

const SERVICE = '^(auth|events|tickets|orders|payments|expiration|admissions)';
const TEST = '(^tests/|^(local/)?[^/]+/test/)';
/** What is not of the services: their operator's commands, and the platform of one machine. */
const GROUND = '^(operations|local/[^/]+)';

/** A module by its name: one file, or the folder that it became. */
const part = (...names) => `/src/(${names.join('|')})(\\.ts$|/)`;

module.exports = {
  forbidden: [
    {
      name: 'everything-resolves',
      comment:
        'A rule cannot see an import that leads nowhere, so such an import would slip past all of them.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment:
        'Modules that need each other are one module; and which of them is loaded first becomes a matter of luck.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },

    // Between packages
    {
      name: 'services-meet-only-by-events',
      comment:
        "A service that reads another's code is bound to its releases; what services share are common's contracts.",
      severity: 'error',
      from: { path: `${SERVICE}/` },
      to: { path: `${SERVICE}/`, pathNot: '^$1/' },
    },
    {
      name: 'common-knows-no-service',
      comment:
        'common is published on its own, and what it took from a service would be shared by all of them.',
      severity: 'error',
      from: { path: '^common/' },
      to: { path: `(${SERVICE}|${GROUND}|^nats-tests|^tests)/` },
    },
    {
      name: 'nobody-builds-on-local',
      comment: 'A pod has no embedded platform: code that needs `local` would run on a laptop only.',
      severity: 'error',
      from: { path: `(${SERVICE}|^operations)/`, pathNot: TEST },
      to: { path: '^local/' },
    },
    {
      name: 'services-know-no-operator',
      comment: 'An operator reads what services keep; a service that called him would need his rights.',
      severity: 'error',
      from: { path: `${SERVICE}/` },
      to: { path: '^operations/' },
    },
    {
      name: 'operations-know-no-service',
      comment: 'The image of the operator holds `common` and no service; documents say what they are.',
      severity: 'error',
      from: { path: '^operations/', pathNot: TEST },
      to: { path: `${SERVICE}/` },
    },
    {
      name: 'engines-and-sandbox-stand-alone',
      comment: 'Whoever needs an engine or a stand-in for Stripe takes it without the rest of the suite.',
      severity: 'error',
      from: { path: '^local/(engines|sandbox)/', pathNot: TEST },
      to: { path: `(${SERVICE}|^operations|^common|^local/(?!$1/)[^/]+)/` },
    },
    {
      name: 'src-needs-no-tests',
      comment: 'Tests and the tools of nats-tests are left out of the images.',
      severity: 'error',
      from: { path: `(${SERVICE}|${GROUND})/src/` },
      to: { path: `(${TEST}|^nats-tests/)` },
    },
    {
      name: 'src-needs-no-dev-dependencies',
      comment: '`npm ci --omit=dev` leaves them out, so the import would fail in production alone.',
      severity: 'error',
      // Kits that tests of several packages share live in src, and run only where jest is.
      from: {
        path: `(${SERVICE}|^common|${GROUND})/src/`,
        pathNot: '/src/(testing(\\.ts$|/)|.+/contract\\.ts$)',
      },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'],
      },
    },

    {
      name: 'pages-know-only-the-contracts',
      comment:
        'Pages reach the services by HTTP. Of the workspace they take types of the contracts, as schemas would weigh on browsers, how a search is meant, how a currency is counted, and how a picture is drawn.',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        path: `(${SERVICE}|${GROUND}|^tests|^nats-tests)/|^common/(?!src/(contracts/|(art|chargeable|currency|search)\\.ts$))`,
      },
    },
    {
      name: 'pages-take-only-types',
      comment: 'See pages-know-only-the-contracts.',
      severity: 'error',
      from: { path: '^client/' },
      to: {
        path: '^common/(?!src/(art|chargeable|currency|search)\\.ts$)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nobody-builds-on-the-pages',
      comment: 'Pages are the last of the suite: what others need of them belongs to common.',
      severity: 'error',
      from: { pathNot: '^client/' },
      to: { path: '^client/' },
    },
    {
      name: 'the-market-stays-on-its-page',
      comment:
        'A browser gets a file whole of which a page takes one line: four other pages had the search, and what reads prices.',
      severity: 'error',
      from: { path: '^client/src/', pathNot: '^client/src/(market|app/market)/' },
      to: { path: '^client/src/market/' },
    },
    {
      name: 'finding-stays-where-one-searches',
      comment: 'As above: it is what the market, *What’s on* and the orders of an event have in common.',
      severity: 'error',
      from: {
        path: '^client/src/',
        pathNot:
          '^client/src/((finding|market|events|app/market|app/organize/\\[id\\]/orders)/|app/page\\.tsx$)',
      },
      to: { path: '^client/src/finding/' },
    },

    // Who composes
    {
      name: 'only-main-composes',
      comment:
        'A service is a value that a host runs; one that starts or holds another service is no value any more.',
      severity: 'error',
      from: { pathNot: `(^common/|^local/suite/|^nats-tests/|${TEST}|${part('main')})` },
      to: { path: [`${SERVICE}${part('service')}`, `^common${part('host', 'cluster')}`] },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main.ts reads the environment and starts a process: it is run, not imported.',
      severity: 'error',
      from: {},
      to: { path: `^(local/)?[^/]+${part('main')}` },
    },

    // One way down: routes | handlers -> commands -> domain + model
    {
      name: 'domain-is-pure',
      comment:
        'Rules that know no database, web or clock can be read as a table and tested without any of them.',
      severity: 'error',
      from: { path: `${SERVICE}${part('domain')}` },
      to: {
        pathNot: [
          '^common/src/(contracts/|(chargeable|currency|rejection|search|times|user)\\.ts$)',
          '^common/src/(record|replicate|store)\\.ts$',
          '^common/src/places\\.ts$',
          '^$1/src/(domain/|(domain|gateway|timers)\\.ts$)',
        ],
      },
    },
    {
      name: 'domain-takes-only-types',
      comment: 'Records bring the database, ports their engines; a rule needs no more than their shape.',
      severity: 'error',
      from: { path: `${SERVICE}${part('domain')}` },
      to: {
        path: ['^common/src/(record|replicate|store)\\.ts$', '^$1/src/(gateway|timers)\\.ts$'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'model-and-ports-look-down',
      comment: 'What a command builds on must not know the command, its doors or its composition.',
      severity: 'error',
      from: {
        path: `${SERVICE}/src/`,
        pathNot: part('domain', 'commands', 'jobs', 'routes', 'handlers', 'service', 'main'),
      },
      to: { path: `${SERVICE}${part('commands', 'jobs', 'routes', 'handlers', 'service')}` },
    },
    {
      name: 'commands-know-no-door',
      comment:
        'HTTP and events are two doors into the same commands; a command that knows its door serves only one.',
      severity: 'error',
      from: { path: `${SERVICE}${part('commands')}` },
      to: { path: `${SERVICE}${part('jobs', 'routes', 'handlers', 'service')}` },
    },
    {
      name: 'doors-know-no-other-door',
      comment: 'What two doors share is a command; what joins them is the composition.',
      severity: 'error',
      from: { path: `${SERVICE}${part('jobs', 'routes', 'handlers')}` },
      to: { path: `${SERVICE}${part('jobs', 'routes', 'handlers', 'service')}`, pathNot: '^$1/src/$2/' },
    },

    // One adapter each. Tests may talk to the engine itself.
    {
      name: 'stripe-behind-its-gateway',
      comment:
        'Timeouts, retries and the circuit breaker stand in the adapter; and the SDK costs memory wherever it is loaded.',
      severity: 'error',
      from: { pathNot: `(^payments/src/stripe(-client)?\\.ts$|${TEST})` },
      to: { path: 'node_modules/stripe/' },
    },
    {
      name: 'bull-behind-its-timers',
      comment:
        'Without Redis the in-process timers take over, which only works while nobody else counts on Bull.',
      severity: 'error',
      from: { pathNot: `(^expiration/src/timers-bull\\.ts$|${TEST})` },
      to: { path: 'node_modules/(bull|ioredis)/' },
    },
    {
      name: 'sharp-behind-its-renderer',
      comment:
        'It is native code before bytes of strangers, with settings of the whole process; and costs memory wherever it is loaded. The seed paints with it, what is its own, in a process of its own.',
      severity: 'error',
      from: { pathNot: `(^(events/src/render|local/suite/src/paint)\\.ts$|${TEST})` },
      to: { path: 'node_modules/sharp/' },
    },
    {
      name: 'nats-streaming-behind-the-bus',
      comment: 'NATS Streaming is past its end of life: one file to replace, not a dependency of the suite.',
      severity: 'error',
      from: { pathNot: `(^common/src/bus/nats-[^/]+\\.ts$|^nats-tests/|${TEST})` },
      to: { path: 'node_modules/node-nats-streaming/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^(local/)?[^/]+/dist|(^|/)(coverage|\\.local|\\.next|\\.git))/' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
    progress: { type: 'none' },
  },
};
