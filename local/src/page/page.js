/* global document, location, localStorage, confirm, addEventListener, setInterval, setTimeout, clearTimeout, Option, URLSearchParams */
import {
  $,
  api,
  cents,
  clear,
  follow,
  list,
  money,
  names,
  once,
  onSubmit,
  refresh,
  say,
  serverNow,
  show,
} from './kit.js';

let user = null;
let streams = [];
let next;
const market = new Map();
const mine = new Map();
const orders = new Map();
const chosen = new Set();
/** By order: the secret with which its buyer authenticates, and the number of its payment that was accepted. */
const challenges = new Map();
const paid = new Set();

const WORDS = {
  available: 'On sale',
  reserved: 'Reserved',
  sold: 'Sold',
  created: 'Reserved for you',
  'awaiting:payment': 'Awaiting payment',
  complete: 'Complete',
  cancelled: 'Cancelled',
  refunded: 'Refunded, cancelled',
};
const REASONS = {
  buyer: 'by you',
  seller: 'by the seller',
  admin: 'by an admin',
  expired: 'as the time ran out',
  'ticket-withdrawn': 'as the seller withdrew the ticket',
};
/** Only what differs is written, so that a screen reader is not told twice. */
const put = (root, texts) => {
  for (const [part, text] of Object.entries(texts)) {
    const node = root.querySelector(part);
    if (node.textContent !== text) node.textContent = text;
  }
};
const newest = (a, b) => (a.id < b.id ? 1 : -1);

// The market
const buyable = (ticket) => ticket?.status === 'available' && ticket.sellerId !== user?.id;
const query = () => $('search').elements.q.value.trim();
const matches = ({ title, description = '' }) => {
  const text = `${title} ${description}`.toLowerCase();
  const words = query().toLowerCase().split(/\s+/);
  return words.every((word) => text.includes(word));
};

function showMarket() {
  const tickets = [...market.values()].sort(newest);
  for (const id of chosen) if (!buyable(market.get(id))) chosen.delete(id);
  const sale = market.get([...chosen][0])?.saleId;
  const inSale = Map.groupBy(tickets.filter(buyable), ({ saleId }) => saleId);
  list('market-list', tickets, (li, ticket) => {
    const whose = ticket.sellerId === user?.id ? 'Yours: ' : '';
    const price = money(ticket.price, ticket.currency);
    put(li, {
      h3: ticket.title,
      '.note': ticket.description ?? '',
      '.price': price,
      '.badge': buyable(ticket) ? '' : whose + WORDS[ticket.status],
    });
    const looks = price + ticket.status;
    if (ticket.fresh || (li.dataset.looks ?? looks) !== looks) li.classList.add('changed');
    Object.assign(li.dataset, { looks, status: ticket.status });
    const [button, box] = [li.querySelector('button'), li.querySelector('input')];
    button.hidden = !buyable(ticket);
    button.ariaLabel = `Reserve ${ticket.title}`;
    box.parentElement.hidden = (buyable(ticket) ? inSale.get(ticket.saleId).length : 0) < 2;
    box.ariaLabel = `Select ${ticket.title}`;
    box.checked = chosen.has(ticket.id);
    box.disabled = sale !== undefined && sale !== ticket.saleId;
    delete ticket.fresh;
  });
  $('more').hidden = !next;
  $('basket').hidden = chosen.size === 0;
  const total = [...chosen].reduce((sum, id) => sum + market.get(id).price, 0);
  put($('basket'), { output: `${chosen.size} selected, ${money(total)}` });
}

/** A hold changes a ticket without a new version for its seller, so its time tells. */
const isOld = (ticket, known) => known !== undefined && known.updatedAt > ticket.updatedAt;

let asked = 0;
async function loadMarket(path) {
  const turn = (asked += 1);
  const page = await api('GET', path ?? `/api/tickets?${new URLSearchParams(query() && { q: query() })}`);
  if (turn !== asked) return;
  const known = new Map(market);
  if (!path) market.clear();
  for (const ticket of page.body) {
    names.set(ticket.id, ticket.title);
    market.set(ticket.id, isOld(ticket, known.get(ticket.id)) ? known.get(ticket.id) : ticket);
  }
  next = page.next;
  showMarket();
}

function ticketChanged(ticket) {
  if (isOld(ticket, market.get(ticket.id) ?? mine.get(ticket.id))) return;
  names.set(ticket.id, ticket.title);
  if (!ticket.deleted && matches(ticket)) market.set(ticket.id, { ...ticket, fresh: !market.has(ticket.id) });
  else market.delete(ticket.id);
  showMarket();
  if (ticket.sellerId !== user?.id) return;
  if (ticket.deleted) mine.delete(ticket.id);
  else mine.set(ticket.id, ticket);
  showMine();
}

async function reserve(ids, place) {
  if (!user) return enter('Sign in to reserve.');
  clear(place);
  try {
    const seen = ids.map((ticketId) => ({ ticketId, price: market.get(ticketId)?.price }));
    const { body } = await once('/api/orders', { ticketIds: ids, seen });
    chosen.clear();
    orderChanged(body);
    location.hash = '#orders';
    say(`Reserved: ${titles(body)}.`);
  } catch (error) {
    show(place, error);
    if (error.status < 500) await loadMarket().catch(() => {});
  }
}

// Orders
const titles = ({ items }) => items.map(({ title }) => title).join(', ');
const payable = ({ status }) => status === 'created' || status === 'awaiting:payment';

function showOrders() {
  list('orders-list', [...orders.values()].sort(newest), (li, order) => {
    const [pay, challenge, cancel] = ['.pay', '.challenge', '.cancel'].map((part) => li.querySelector(part));
    const open = payable(order) && !paid.has(order.id);
    const total = money(order.total, order.currency);
    put(li, { h3: titles(order), '.price': total, '.pay button': `Pay ${total}` });
    put(li, { '.badge': `${WORDS[order.status]} ${payable(order) ? '' : (REASONS[order.reason] ?? '')}` });
    put(cancel, { button: payable(order) ? 'Cancel the order' : 'Cancel and get the money back' });
    li.dataset.status = order.status;
    pay.hidden = !open || challenges.has(order.id);
    challenge.hidden = !open || !challenges.has(order.id);
    cancel.hidden = !payable(order) && order.status !== 'complete';
    pay.elements.number.parentElement.hidden = pay.elements.card.value !== 'number';
  });
  tick();
}

/** What is left of each reservation, by the server's clock. */
function tick() {
  for (const li of $('orders-list').children) {
    const order = orders.get(li.dataset.id);
    const left = Math.ceil((Date.parse(order.expiresAt) - serverNow()) / 1000);
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    const wait = paid.has(order.id)
      ? 'Paid; waiting for the confirmation'
      : left > 0
        ? `${clock} left`
        : 'Time is up';
    put(li, { '.timer': payable(order) ? wait : '' });
  }
}

function orderChanged(order) {
  const before = orders.get(order.id);
  if (before && before.version > order.version) return;
  orders.set(order.id, order);
  if (!payable(order)) (challenges.delete(order.id), paid.delete(order.id));
  if (before && before.status !== order.status) say(`${titles(order)}: ${WORDS[order.status]}.`);
  showOrders();
}

async function loadOrders() {
  for (const order of (await api('GET', '/api/orders?limit=100')).body) orderChanged(order);
}

const methods = new Map();
/** A number becomes a payment method once, so that a repeated attempt is the same request. */
async function methodOf(number) {
  if (!methods.has(number)) {
    const card = { number, exp_month: 12, exp_year: new Date().getFullYear() + 1 };
    methods.set(number, (await api('POST', '/sandbox/browser/payment_methods', { card })).body.id);
  }
  return methods.get(number);
}

const idOf = (form) => form.closest('li').dataset.id;
onSubmit($('orders'), '.pay', async ({ card, number }, form) => {
  const orderId = idOf(form);
  const paymentMethod = card === 'number' ? await methodOf(number) : card;
  const { status, body } = await once('/api/payments', { orderId, paymentMethod });
  if (body.clientSecret) challenges.set(orderId, body.clientSecret);
  else if (status === 201) paid.add(orderId);
  say(
    body.clientSecret
      ? 'The bank wants to hear from you.'
      : status === 201
        ? 'Paid.'
        : 'The payment is under way.',
  );
  showOrders();
  if (body.clientSecret) form.closest('li').querySelector('.challenge button').focus();
});
onSubmit($('orders'), '.challenge', async (_fields, form, { value: outcome }) => {
  const client_secret = challenges.get(idOf(form));
  const pay = form.closest('li').querySelector('.pay');
  challenges.delete(idOf(form));
  try {
    const { body } = await api('POST', '/sandbox/browser/authenticate', { client_secret, outcome });
    if (body.status === 'succeeded') paid.add(idOf(form));
    else show(pay, { detail: body.last_payment_error?.message ?? 'The payment was not completed.' });
  } catch (error) {
    if (!(error.status < 500)) challenges.set(idOf(form), client_secret);
    show(error.status < 500 ? pay : form, error);
  } finally {
    showOrders();
  }
});
onSubmit($('orders'), '.cancel', async (_fields, form) => {
  const { status } = orders.get(idOf(form));
  if (status === 'complete' && !confirm('Cancel this order and get the money back?')) return;
  await api('DELETE', `/api/orders/${idOf(form)}`);
  await loadOrders();
});
$('orders').addEventListener('change', showOrders);

// My tickets
function showMine() {
  const tickets = [...mine.values()].sort(newest);
  list('tickets-list', tickets, (li, ticket) => {
    const price = money(ticket.price, ticket.currency);
    put(li, { h3: ticket.title, '.price': price, '.badge': WORDS[ticket.status] });
    const edit = li.querySelector('.edit');
    edit.hidden = ticket.status !== 'available';
    edit.elements.title.defaultValue = ticket.title;
    edit.elements.price.defaultValue = (ticket.price / 100).toFixed(2);
  });
  const sales = [...Map.groupBy(tickets, ({ saleId }) => saleId)];
  const select = $('sell').elements.saleId;
  const picked = select.value;
  select.replaceChildren(
    new Option('nothing else', ''),
    ...sales.map(([id, all]) => new Option(all.at(-1).title, id)),
  );
  select.value = sales.some(([id]) => id === picked) ? picked : '';
}

async function loadMine() {
  for (let path = `/api/tickets?limit=200&sellerId=${user.id}`; path;) {
    const page = await api('GET', path);
    for (const ticket of page.body) mine.set(ticket.id, ticket);
    path = page.next;
  }
  showMine();
}

onSubmit($('sell'), 'form', async ({ title, description, price, saleId }, form) => {
  const more = { ...(description.trim() && { description }), ...(saleId && { saleId }) };
  const { body } = await api('POST', '/api/tickets', { title, price: cents(price), ...more });
  form.reset();
  ticketChanged(body);
  say(`On sale: ${body.title}.`);
});
onSubmit($('tickets-list'), '.edit', async ({ title, price }, form, { value }) => {
  const ticket = mine.get(idOf(form));
  const path = `/api/tickets/${ticket.id}`;
  const match = { 'if-match': `"${ticket.version}"` };
  if (value === 'withdraw') {
    if (!confirm(`Withdraw ${ticket.title}?`)) return;
    await api('DELETE', path, undefined, match);
    ticketChanged({ ...ticket, deleted: true });
    return say(`Withdrawn: ${ticket.title}.`);
  }
  ticketChanged((await api('PATCH', path, { title, price: cents(price) }, match)).body);
  form.reset();
  say('Saved.');
});

// Who is here, and what is shown
function enter(text) {
  say(text);
  location.hash = '#account';
}

function became(someone) {
  if (someone?.id === user?.id) return;
  user = someone;
  document.body.classList.toggle('user', Boolean(user));
  put(document, { '#who': user?.email ?? '' });
  if (user) localStorage.setItem('user', user.id);
  else localStorage.removeItem('user');
  for (const held of [orders, mine, challenges, paid]) held.clear();
  watch();
  showOrders();
  showMine();
  showMarket();
  route();
}

/** Streams are open while somebody looks: a browser has few connections to share between its tabs. */
function watch() {
  for (const stop of streams.splice(0)) stop();
  if (document.hidden) return;
  const load = (work) => () => void work().catch(({ detail }) => detail && say(detail));
  streams.push(
    follow('/api/tickets/stream', {
      load: load(() => Promise.all([loadMarket(), user && loadMine()])),
      change: ticketChanged,
      live: (yes) => put(document, { '#live': yes ? 'live' : 'reconnecting' }),
    }),
  );
  if (user)
    streams.push(
      follow('/api/orders/stream', { load: load(loadOrders), change: orderChanged, reopen: refresh }),
    );
}

const VIEWS = ['market', 'orders', 'tickets', 'account'];
function route(event) {
  const wanted = VIEWS.find((view) => `#${view}` === location.hash) ?? 'market';
  const view = user ? (wanted === 'account' ? 'market' : wanted) : wanted === 'market' ? wanted : 'account';
  for (const name of VIEWS) $(name).hidden = name !== view;
  for (const link of document.querySelectorAll('nav a'))
    link.ariaCurrent = link.hash === `#${view}` ? 'page' : null;
  if (event) $(`${view}-title`).focus();
}

const quietly = (work) => work.catch((error) => show($('search'), error));
let typing;
$('search').addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(() => quietly(loadMarket()), 300);
});
onSubmit($('search'), 'form', () => loadMarket());
$('more').addEventListener('click', () => quietly(loadMarket(next)));
$('market-list').addEventListener('animationend', ({ target }) => target.classList.remove('changed'));
$('market-list').addEventListener('click', ({ target }) => {
  if (target.matches('.reserve')) void reserve([idOf(target)], target.closest('li'));
});
$('market-list').addEventListener('change', ({ target }) => {
  if (target.checked) chosen.add(idOf(target));
  else chosen.delete(idOf(target));
  showMarket();
});
onSubmit($('basket'), 'form', (_fields, form) => reserve([...chosen], form));
$('basket').addEventListener('reset', () => (chosen.clear(), showMarket()));
onSubmit($('enter'), 'form', async (fields, form, button) => {
  const { body } = await api('POST', `/api/users/${button.value}`, fields);
  form.reset();
  say('');
  became(body.currentUser);
  location.hash = '#market';
});
$('sign-out').addEventListener('click', () =>
  quietly(api('POST', '/api/users/signout').then(() => (became(null), enter('You are signed out.')))),
);
document.addEventListener(
  'signed-out',
  () => user && (became(null), enter('Your session is over. Please sign in.')),
);
document.addEventListener('visibilitychange', watch);
addEventListener('hashchange', route);
addEventListener('storage', ({ key }) => key === 'user' && location.reload());
setInterval(tick, 1000);

/** Who was here before is asked for with a fresh token, as the old one may be over. */
async function start() {
  const who = async () => (await api('GET', '/api/users/currentuser')).body.currentUser;
  const someone = (await who()) ?? (localStorage.getItem('user') && (await refresh()) ? await who() : null);
  if (someone) became(someone);
  else watch();
  route();
}
start().catch(({ detail }) => say(detail ?? 'The server cannot be reached. Reload the page in a moment.'));
