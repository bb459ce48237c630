/* global document, fetch, Event, EventSource, FormData, crypto, setTimeout, clearTimeout */

export const $ = (id) => document.getElementById(id);
let silence;
/** Tells everybody, a screen reader too, what just happened; for ten seconds. */
export function say(text) {
  $('status').textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => ($('status').textContent = ''), 10_000);
}

export const money = (cents, currency = 'usd') =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(cents / 100);

/** Cents, or the text itself, so that the server says what is wrong with it. */
export const cents = (text) =>
  /^\d+([.,]\d{1,2})?$/.test(text.trim()) ? Math.round(Number(text.trim().replace(',', '.')) * 100) : text;

let ahead = 0;
/** The server's clock: expiry is by its time, and a visitor's may be wrong. Its header has whole seconds. */
export const serverNow = () => Date.now() + ahead;
const setClock = (date) => {
  const offset = Date.parse(date ?? '') + 500 - Date.now();
  if (Math.abs(offset - ahead) > 1000) ahead = offset;
};

let refreshing;
/** A new access token; requests that fail together share one exchange. Says `signed-out` when the session is over. */
export const refresh = () =>
  (refreshing ??= fetch('/api/users/refresh', { method: 'POST' })
    .then(({ ok, status }) => {
      if (status === 401) document.dispatchEvent(new Event('signed-out'));
      return ok;
    })
    .finally(() => (refreshing = undefined)));

/** Asks the API. Throws `{status, detail, errors}` when it refuses, without a status when it cannot be reached. */
export async function api(method, path, body, headers = {}) {
  const type = body ? { 'content-type': 'application/json' } : {};
  const send = () =>
    fetch(path, { method, headers: { ...type, ...headers }, body: body && JSON.stringify(body) });
  let response = await send();
  if (response.status === 401 && !path.includes('/users/sign') && (await refresh())) response = await send();
  setClock(response.headers.get('date'));
  const answer = await response.json().catch(() => ({}));
  if (response.ok) {
    const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    return { status: response.status, body: answer, next };
  }
  const stripes = answer.error && {
    detail: answer.error.message,
    errors: [{ ...answer.error, field: answer.error.param }],
  };
  throw {
    detail: `The server answered ${response.status}`,
    errors: [],
    ...answer,
    ...stripes,
    status: response.status,
  };
}

const keys = new Map();
/** Posts one attempt under one key, however often it is sent, until the server has answered it. */
export async function once(path, body) {
  const attempt = path + JSON.stringify(body);
  if (!keys.has(attempt)) keys.set(attempt, crypto.randomUUID());
  try {
    const answer = await api('POST', path, body, { 'idempotency-key': keys.get(attempt) });
    keys.delete(attempt);
    return answer;
  } catch (error) {
    if (error.status < 500) keys.delete(attempt);
    throw error;
  }
}

/** Follows a stream; `load` is called whenever something may have been missed. Returns how to stop. */
export function follow(path, { load, change, live = () => {}, reopen = () => {} }) {
  let source, stopped;
  const open = () => {
    if (stopped) return;
    source = new EventSource(path);
    source.addEventListener('change', ({ data }) => change(JSON.parse(data)));
    source.addEventListener('reload', load);
    source.onopen = () => (live(true), load());
    source.onerror = async () => {
      live(false);
      if (source.readyState !== EventSource.CLOSED) return;
      await Promise.resolve(reopen()).catch(() => {});
      setTimeout(open, 2000);
    };
  };
  open();
  return () => ((stopped = true), source.close());
}

/** Shows items as children of a list, one template each; what is there is changed in place, so focus and input stay. */
export function list(id, items, fill) {
  const ul = $(id);
  const wanted = new Set(items.map((item) => item.id));
  for (const li of [...ul.children]) if (!wanted.has(li.dataset.id)) li.remove();
  const there = new Map([...ul.children].map((li) => [li.dataset.id, li]));
  for (const [place, item] of items.entries()) {
    const li = there.get(item.id) ?? $(id.replace('list', 'item')).content.firstElementChild.cloneNode(true);
    li.dataset.id = item.id;
    if (ul.children[place] !== li) ul.insertBefore(li, ul.children[place] ?? null);
    fill(li, item);
  }
}

/** Runs a form's work once at a time and shows a refusal at the fields it is about; what was typed stays. */
export function onSubmit(element, selector, work) {
  element.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches(selector)) return;
    event.preventDefault();
    if (form.ariaBusy === 'true') return;
    form.ariaBusy = 'true';
    clear(form);
    try {
      await work(Object.fromEntries(new FormData(form)), form, event.submitter);
    } catch (error) {
      show(form, error);
    }
    form.ariaBusy = 'false';
  });
}

export function clear(form) {
  for (const note of form.querySelectorAll('.error')) note.remove();
  for (const input of form.querySelectorAll('[aria-invalid]')) {
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
  }
}

/** Titles by id, as refusals name tickets by their ids. */
export const names = new Map();
const readable = (text) =>
  text
    .replace(/\b[0-9a-f]{24}\b/g, (id) => names.get(id) ?? id)
    .replace('must be a whole number of cents', 'must be an amount such as 25.00')
    .replace(/now costs (\d+), not (\d+)/, (_, now, then) => `now costs ${money(now)}, not ${money(then)}`);

let notes = 0;
export function show(form, { detail = 'The server cannot be reached. Try again in a moment.', errors = [] }) {
  clear(form);
  const note = (text, place) => {
    const p = Object.assign(document.createElement('p'), { className: 'error', id: `note-${(notes += 1)}` });
    p.textContent = readable(text);
    p.role = 'alert';
    place(p);
    return p.id;
  };
  const rest = errors.filter(({ field, message }) => {
    const input = field && form.elements?.[field];
    if (!input) return message !== detail;
    const label = input.labels[0].firstChild.textContent.trim();
    input.ariaInvalid = 'true';
    const text = /^[a-z]/.test(message) ? `${label} ${message}` : message;
    input.setAttribute(
      'aria-describedby',
      note(text, (p) => input.labels[0].after(p)),
    );
    return false;
  });
  const first = form.querySelector('[aria-invalid]');
  if (first) first.focus();
  else note([detail, ...rest.map(({ message }) => message)].join('. '), (p) => form.append(p));
}
