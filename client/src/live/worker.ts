import { openHub } from './hub.ts';

/** After the last page has left, who may only be turning it, in milliseconds. */
const LINGER = 5000;

// A worker for each stream and user, by its name, which the pages of a browser share.
const here = self as unknown as Pick<Window, 'name'> & { onconnect: (event: MessageEvent) => void };
const [path = '', user] = here.name.split(' ');
const connect = openHub(path, user, LINGER);
here.onconnect = ({ ports: [port] }) => port && connect(port);
