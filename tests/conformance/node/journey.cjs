// A shop on node: it buys, hears of it and refunds with wechatpay-node-v3, at a sandbox.
// Reads where everything is from its standard input, and writes what it saw to its output.
'use strict';

const http = require('node:http');
const crypto = require('node:crypto');
const Pay = require('wechatpay-node-v3');

const TENCENT = 'https://api.mch.weixin.qq.com';
const HEARD_WITHIN_MS = 10_000;

/** Everything that the shop was told, and whoever waits for more of it. */
class Shop {
  constructor() {
    this.heard = [];
    this.server = http.createServer((request, response) => {
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        this.heard.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
        response.writeHead(204).end();
      });
    });
  }

  async open() {
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.server.address().port}/notices`;
  }

  async notice(place) {
    const until = Date.now() + HEARD_WITHIN_MS;
    while (this.heard.length <= place) {
      if (Date.now() > until) throw new Error(`notice ${place} never came`);
      await new Promise((again) => setTimeout(again, 20));
    }
    return this.heard[place];
  }
}

/** The SDK's only public knob for its host: an HTTP service of one's own. */
class Elsewhere {
  constructor(base) {
    this.base = base;
    this.answers = [];
  }

  async send(method, url, body, headers) {
    const answer = await fetch(url.replace(TENCENT, this.base), { method, headers, body });
    const text = await answer.text();
    this.answers.push({ status: answer.status, headers: answer.headers, text });
    if (!answer.ok) return { status: answer.status, error: text };
    return { status: answer.status, data: text ? JSON.parse(text) : {} };
  }

  get(url, headers) {
    return this.send('GET', url, undefined, headers);
  }

  post(url, params, headers) {
    return this.send('POST', url, JSON.stringify(params), headers);
  }
}

async function journey(known) {
  const shop = new Shop();
  const notifyUrl = await shop.open();
  const elsewhere = new Elsewhere(known.pay.base_url);
  const pay = sdk(known, elsewhere);
  const side = (method, door, body) => beside(known, method, door, body);
  await side('PUT', '/misbehaviour', { notices_signed_with: 'certificate' });
  const person = await side('POST', '/people', { nickname: '小满' });
  const seen = { openid: person.openid };
  try {
    await buy(pay, shop, side, seen, { notifyUrl, openid: person.openid });
    await refund(pay, shop, seen, notifyUrl);
    seen.closed = await close(pay, notifyUrl, person.openid);
    seen.verified = await verified(pay, elsewhere);
    seen.brokenTagOpens = opensWithBrokenTag(pay, shop.heard[0]);
  } finally {
    shop.server.closeAllConnections();
    shop.server.close();
  }
  return seen;
}

function sdk(known, elsewhere) {
  const pay = new Pay({
    appid: known.official_account.appid,
    mchid: known.pay.mchid,
    serial_no: known.pay.merchant_serial,
    // Asked for only to read a serial from it, which stands beside it here.
    publicKey: Buffer.from(known.pay.platform_certificate_pem),
    privateKey: Buffer.from(known.pay.merchant_private_key_pem),
    key: known.pay.apiv3_key,
  });
  pay.createHttp(elsewhere);
  return pay;
}

async function beside(known, method, door, body) {
  const answer = await fetch(known.side_doors.base_url + door, {
    method,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${door}: ${await answer.text()}`);
  return answer.json();
}

async function buy(pay, shop, side, seen, { notifyUrl, openid }) {
  const order = await pay.transactions_jsapi({
    description: '羊绒围巾 😀',
    out_trade_no: 'R20261122-0001',
    notify_url: notifyUrl,
    amount: { total: 100 },
    payer: { openid },
  });
  seen.sheet = order.data;
  await side('POST', '/payments', { prepay_id: order.data.package.replace('prepay_id=', '') });
  seen.paid = await opened(pay, await shop.notice(0));
  seen.queried = (await pay.query({ out_trade_no: 'R20261122-0001' })).data;
}

async function refund(pay, shop, seen, notifyUrl) {
  seen.asked = (
    await pay.refunds({
      out_trade_no: 'R20261122-0001',
      out_refund_no: 'RF-1',
      notify_url: notifyUrl,
      amount: { refund: 40, total: 100, currency: 'CNY' },
    })
  ).data;
  seen.refunded = await opened(pay, await shop.notice(1));
  seen.refundQueried = (await pay.find_refunds('RF-1')).data;
}

async function close(pay, notifyUrl, openid) {
  await pay.transactions_jsapi({
    description: '围巾',
    out_trade_no: 'R20261122-0002',
    notify_url: notifyUrl,
    amount: { total: 100 },
    payer: { openid },
  });
  const { status } = await pay.close('R20261122-0002');
  return { status, then: (await pay.query({ out_trade_no: 'R20261122-0002' })).data };
}

/** Verify over the raw text, and decrypt, as the SDK's own example does. */
async function opened(pay, { headers, body }) {
  const isGenuine = await pay.verifySign({
    timestamp: headers['wechatpay-timestamp'],
    nonce: headers['wechatpay-nonce'],
    serial: headers['wechatpay-serial'],
    signature: headers['wechatpay-signature'],
    body,
  });
  const { event_type: event, resource } = JSON.parse(body);
  const inside = pay.decipher_gcm(
    resource.ciphertext,
    resource.associated_data,
    resource.nonce,
  );
  return { isGenuine, event, inside };
}

/** The SDK verifies no answer by itself, so every answer so far is verified here with it. */
async function verified(pay, elsewhere) {
  const results = [];
  for (const { status, headers, text } of elsewhere.answers) {
    if (status >= 300) continue;
    results.push(
      await pay.verifySign({
        timestamp: headers.get('wechatpay-timestamp'),
        nonce: headers.get('wechatpay-nonce'),
        serial: headers.get('wechatpay-serial'),
        signature: headers.get('wechatpay-signature'),
        body: text,
      }),
    );
  }
  return results;
}

/** Flip one bit of the tag, and say whether the SDK opens the resource all the same. */
function opensWithBrokenTag(pay, { body }) {
  const { resource } = JSON.parse(body);
  const sealed = Buffer.from(resource.ciphertext, 'base64');
  sealed[sealed.length - 1] ^= 1;
  const spoiled = sealed.toString('base64');
  try {
    const inside = pay.decipher_gcm(spoiled, resource.associated_data, resource.nonce);
    return inside.out_trade_no === 'R20261122-0001';
  } catch {
    return false;
  }
}

/** node itself refuses the same broken tag, when it is asked to finish. */
function nodeRefusesBrokenTag() {
  const key = crypto.randomBytes(32);
  const nonce = crypto.randomBytes(12);
  const seal = crypto.createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([seal.update('paid'), seal.final()]);
  const tag = seal.getAuthTag();
  tag[15] ^= 1;
  const open = crypto.createDecipheriv('aes-256-gcm', key, nonce);
  open.setAuthTag(tag);
  open.update(sealed);
  try {
    open.final();
    return false;
  } catch {
    return true;
  }
}

async function main() {
  let input = '';
  for await (const part of process.stdin) input += part;
  const seen = await journey(JSON.parse(input));
  seen.nodeRefusesBrokenTag = nodeRefusesBrokenTag();
  process.stdout.write(JSON.stringify(seen));
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
