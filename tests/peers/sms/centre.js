// An SMPP 3.4 centre that does what the last two digits of a recipient ask for.
//   node centre.js PORT CONTROL_PORT [TLS_PORT KEY CERTIFICATE]
// 00 never answers          01 cuts the line instead of answering   02 answers after 0.7 s
// 03 receipt after 1.5 s    04 receipt twice                        05 receipt before the answer
// 06 answers after 3 s      10 bad sender   11 no such number       20 queue full   88 throttled
// 89 throttles the first try of every part                          33 EXPIRED      55 UNDELIV
// Control over HTTP: /seen /stats /forget /down /up /mo?from=&to=&text=[&parts=n]
'use strict';
const fs = require('fs');
const http = require('http');
const smpp = require('smpp');

const [port, controlPort, tlsPort, keyFile, certificateFile] = process.argv.slice(2);
const quiet = process.env.CENTRE_QUIET === '1';
// One line for each submit_sm, written before it is answered: a log that a kill leaves behind.
const log = process.env.CENTRE_LOG ? fs.openSync(process.env.CENTRE_LOG, 'a') : undefined;
let counter = 0;
let seen = [];           // one entry for each submit_sm
let receiptsAnswered = 0;
let tried = new Set();
const sessions = new Set();

const refusals = {10: smpp.ESME_RINVSRCADR, 11: smpp.ESME_RINVDSTADR, 20: smpp.ESME_RMSGQFUL, 88: smpp.ESME_RTHROTTLED};
const ends = {33: ['EXPIRED', 3], 55: ['UNDELIV', 5]};

function textOf(pdu) {
  const given = pdu.message_payload || pdu.short_message;
  const message = given.message === undefined ? given : given.message;
  return Buffer.isBuffer(message) ? message.toString('hex') : message;
}

function partOf(pdu) {
  const udh = pdu.short_message.udh;
  if (udh && udh[0] && udh[0][0] === 0) return {reference: udh[0][2], total: udh[0][3], number: udh[0][4]};
  if (pdu.sar_total_segments)
    return {reference: pdu.sar_msg_ref_num, total: pdu.sar_total_segments, number: pdu.sar_segment_seqnum};
  return {reference: 0, total: 1, number: 1};
}

function receiver(systemId) {
  return [...sessions].find(s => s.systemId === systemId && s.mode !== 'bind_transmitter');
}

// Again and again until somebody takes it.
function deliver(systemId, pdu, tries = 40) {
  const session = receiver(systemId);
  const again = () => { if (tries > 0) setTimeout(() => deliver(systemId, pdu, tries - 1), 250).unref(); };
  if (!session) return again();
  session.deliver_sm(pdu, answer => {
    if (answer.command_status === 0) ++receiptsAnswered; else again();
  });
}

function sendReceipt(session, pdu, id) {
  const [stat, state] = ends[pdu.destination_addr.slice(-2)] || ['DELIVRD', 2];
  const day = '2311151200';
  deliver(session.systemId, {
    source_addr: pdu.destination_addr, source_addr_ton: 1, source_addr_npi: 1, destination_addr: pdu.source_addr,
    esm_class: 4, receipted_message_id: id, message_state: state,
    short_message: `id:${id} sub:001 dlvrd:${state === 2 ? '001' : '000'} submit date:${day} done date:${day} ` +
      `stat:${stat} err:${state === 2 ? '000' : '001'} text:`,
  });
}

function submitted(session, pdu) {
  const id = 'm' + (++counter).toString(16).padStart(6, '0');
  const behaviour = pdu.destination_addr.slice(-2);
  if (log !== undefined) fs.writeSync(log, `${Date.now()} ${pdu.destination_addr}\n`);
  if (!quiet)
    seen.push({id, from: pdu.source_addr, from_ton: pdu.source_addr_ton, to: pdu.destination_addr, text: textOf(pdu),
      validity: pdu.validity_period, data_coding: pdu.data_coding, reference: pdu.user_message_reference, ...partOf(pdu)});
  const answer = options => { if (session.socket.writable) session.send(pdu.response(options)); };
  const receipt = () => { if (pdu.registered_delivery & 1) sendReceipt(session, pdu, id); };
  if (refusals[behaviour]) return answer({command_status: refusals[behaviour]});
  if (behaviour === '00') return undefined;
  if (behaviour === '01') return session.socket.destroy();
  if (behaviour === '89') {
    const part = `${pdu.destination_addr}:${JSON.stringify(partOf(pdu))}`;
    if (!tried.has(part) && partOf(pdu).number > 1) {
      tried.add(part);
      return answer({command_status: smpp.ESME_RTHROTTLED});
    }
  }
  const delays = {'02': 700, '06': 3000};
  if (delays[behaviour]) return setTimeout(() => { answer({message_id: id}); receipt(); }, delays[behaviour]);
  if (behaviour === '05') {
    receipt();
    return setTimeout(() => answer({message_id: id}), 300);
  }
  answer({message_id: id});
  if (behaviour === '03') return setTimeout(receipt, 1500);
  if (behaviour === '04') receipt();
  return receipt();
}

function greet(session) {
  session.on('error', () => session.destroy());
  session.on('close', () => sessions.delete(session));
  for (const mode of ['bind_transceiver', 'bind_transmitter', 'bind_receiver'])
    session.on(mode, pdu => {
      if (pdu.password !== 'secret') {
        session.send(pdu.response({command_status: smpp.ESME_RINVPASWD}));
        return session.close();
      }
      session.mode = mode;
      session.systemId = pdu.system_id;
      sessions.add(session);
      return session.send(pdu.response({system_id: 'CENTRE'}));
    });
  session.on('enquire_link', pdu => session.send(pdu.response()));
  session.on('unbind', pdu => { session.send(pdu.response()); session.close(); });
  session.on('submit_sm', pdu => submitted(session, pdu));
}

const server = smpp.createServer({}, greet);
const up = () => new Promise(done => server.listen(+port, '127.0.0.1', done));
const down = () => new Promise(done => {
  server.close(() => done());
  for (const session of sessions) session.socket.destroy();
});

function repliesOf(query) {
  const text = query.get('text');
  const count = +(query.get('parts') || 1);
  const common = {source_addr: query.get('from'), source_addr_ton: 1, source_addr_npi: 1, destination_addr: query.get('to')};
  if (count === 1) return [{...common, short_message: text}];
  const size = Math.ceil(text.length / count);
  return [...Array(count).keys()].reverse().map(i => ({...common, esm_class: 0x40, short_message:
    {udh: Buffer.from([5, 0, 3, 77, count, i + 1]), message: text.slice(i * size, (i + 1) * size)}}));
}

async function control(request, response) {
  const url = new URL(request.url, 'http://centre');
  const reply = body => { response.setHeader('Content-Type', 'application/json'); response.end(JSON.stringify(body)); };
  switch (url.pathname) {
    case '/seen': return reply(seen);
    case '/stats': return reply({submits: counter, sessions: sessions.size, receipts_answered: receiptsAnswered});
    case '/forget': seen = []; tried = new Set(); return reply({});
    case '/down': await down(); return reply({});
    case '/up': await up(); return reply({});
    case '/mo':
      for (const pdu of repliesOf(url.searchParams)) deliver('bank', pdu);
      return reply({});
    default: response.statusCode = 404; return reply({});
  }
}

async function main() {
  await up();
  if (tlsPort)
    smpp.createServer({key: fs.readFileSync(keyFile), cert: fs.readFileSync(certificateFile)}, greet)
      .listen(+tlsPort, '127.0.0.1');
  http.createServer(control).listen(+controlPort, '127.0.0.1', () => console.log('centre is up'));
}
main();
