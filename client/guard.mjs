// Loaded before Next's own server (`node --import`), which has no limits of its own and fails (500) over what no browser
// sends: the pages are asked directly in a cluster, and a proxy before them repairs no request.
import http from 'node:http';

/** Half a request is cut within seconds, in milliseconds; as the services do with theirs. */
const LIMITS = { headersTimeout: 5000, requestTimeout: 15_000, connectionsCheckingInterval: 1000 };

/** What may be left out: then the whole is sent, which is always right (RFC 9110, 13.1 and 14.2). */
const LEFT_OUT = ['range', 'if-range', 'if-match', 'if-unmodified-since'];
/** A person with a broken link sees the page that says that there is none. */
const NOWHERE = '/no-such-page';
const TREE = 'next-router-state-tree';

const { createServer } = http;
http.createServer = (listener) =>
  createServer(LIMITS, (req, res) => {
    for (const name of LEFT_OUT) delete req.headers[name];
    // Without it the whole page is sent.
    if (!isTree(parsed(req.headers[TREE]))) delete req.headers[TREE];
    if (req.method !== 'GET' && req.method !== 'HEAD')
      refuse(res.setHeader('Allow', 'GET, HEAD'), 405, `A page takes no ${req.method}`);
    else if (isEscaped(req.url)) listener(req, res);
    else if (req.headers.accept?.includes('text/html')) {
      req.url = NOWHERE;
      listener(req, res);
    } else refuse(res, 400, 'The URL is not valid');
  });

const isEscaped = (url) => {
  try {
    decodeURIComponent(url.replace(/[?#].*/, ''));
    return true;
  } catch {
    return false;
  }
};

const parsed = (text) => {
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch {
    return undefined;
  }
};

/** A segment, and the trees below it by name. */
const isTree = (value) =>
  Array.isArray(value) &&
  (typeof value[0] === 'string' || Array.isArray(value[0])) &&
  typeof value[1] === 'object' &&
  value[1] !== null &&
  Object.values(value[1]).every(isTree);

const refuse = (res, status, detail) => {
  res.writeHead(status, { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
  res.end(
    JSON.stringify({
      type: 'about:blank',
      title: http.STATUS_CODES[status],
      status,
      detail,
      errors: [{ message: detail }],
    }),
  );
};
