// Shows the ticket that this browser kept (`session/kept.ts`) where the page of it cannot be had, and that page as soon as it can.
const HERE = /^\/my-tickets(?:\/([0-9a-f]{24}))?$/;
/** White around the code, in squares. */
const QUIET = 4;
/** How often it is looked whether there is a network again, and how long an answer may take, in milliseconds. */
const LOOK = 10_000;
const PATIENCE = 30_000;
/** The same page, for which `sw.js` then waits as long as it takes. */
const AGAIN = '?wait';

const [here, id] = HERE.exec(location.pathname) ?? [];
const element = (name) => document.getElementById(name);

function keptTickets() {
  try {
    return JSON.parse(localStorage.getItem('tickets') ?? 'null')?.tickets ?? [];
  } catch {
    return [];
  }
}

function show({ title, when, where, lines, code, size, kept }) {
  const there = element('ticket');
  document.title = `${title} · Ticketing`;
  there.querySelector('h1').textContent = title;
  const side = size + 2 * QUIET;
  there.querySelector('svg').setAttribute('viewBox', `${-QUIET} ${-QUIET} ${side} ${side}`);
  there.querySelector('path').setAttribute('d', code);
  for (const line of lines) {
    const said = document.createElement('p');
    said.dir = 'auto';
    said.textContent = line;
    element('lines').append(said);
  }
  element('when').textContent = when;
  element('where').textContent = where;
  element('kept').textContent = kept;
  element('none').hidden = true;
  there.hidden = false;
}

function lead({ id: to, title, lines }) {
  const link = document.createElement('a');
  link.href = `/my-tickets/${to}`;
  link.dir = 'auto';
  link.textContent = [title, ...lines].join(' · ');
  const line = document.createElement('li');
  line.append(link);
  element('others').querySelector('ul').append(line);
  element('others').hidden = false;
}

let looking = false;
async function look() {
  if (document.hidden || looking) return;
  looking = true;
  try {
    const signal = AbortSignal.timeout(PATIENCE);
    const { status } = await fetch(location.href, {
      method: 'HEAD',
      cache: 'no-store',
      redirect: 'manual',
      signal,
    });
    if (status < 500) location.replace(AGAIN);
  } catch {
    // there is none yet
  }
  looking = false;
}

async function stayAwake() {
  if (!document.hidden) await navigator.wakeLock?.request('screen').catch(() => undefined);
}

if (here) {
  document.querySelector('.again').href = AGAIN;
  const tickets = keptTickets();
  const ticket = tickets.find((one) => one.id === id);
  for (const one of tickets) if (one !== ticket) lead(one);
  if (ticket) {
    show(ticket);
    void stayAwake();
    document.addEventListener('visibilitychange', stayAwake);
  }
  addEventListener('online', look);
  document.addEventListener('visibilitychange', look);
  setInterval(look, LOOK);
}
