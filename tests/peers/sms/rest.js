// A provider with a REST interface in the shape of Twilio's. Its callbacks are signed by that
// provider's own library. The last two digits of a recipient ask for a behaviour as in centre.js.
//   node rest.js PORT CONTROL_PORT HOOK_URL TLS_PORT KEY CERTIFICATE
'use strict';
const fs = require('fs');
const http = require('http');
const https = require('https');
const twilio = require('twilio');

const [port, controlPort, hook, tlsPort, keyFile, certificateFile] = process.argv.slice(2);
const token = 'secret';
const sockets = new Set();
let counter = 0;
let seen = [];

function callBack(url, fields) {
  const body = new URLSearchParams(fields).toString();
  const signature = twilio.getExpectedTwilioSignature(token, url, fields);
  const request = http.request(url, {method: 'POST', headers: {
    'Content-Type': 'application/x-www-form-urlencoded', 'X-Twilio-Signature': signature,
    'Content-Length': Buffer.byteLength(body)}});
  request.on('error', () => {});
  request.end(body);
}

function sendReceipts(form, sid, behaviour) {
  const url = form.get('StatusCallback');
  const last = {33: 'undelivered', 55: 'undelivered'}[behaviour] || 'delivered';
  const say = status => callBack(url, {MessageSid: sid, MessageStatus: status, To: form.get('To'),
    ...(last === 'undelivered' ? {ErrorCode: '30008'} : {})});
  say('sent');
  setTimeout(() => { say(last); if (behaviour === '04') say(last); }, behaviour === '03' ? 1500 : 30);
}

function answer(response, status, body, headers = {}) {
  response.writeHead(status, {'Content-Type': 'application/json', ...headers});
  response.end(JSON.stringify(body));
}

function submitted(request, response, form) {
  const to = form.get('To');
  const behaviour = to.slice(-2);
  const sid = 'SM' + (++counter).toString(16).padStart(8, '0');
  seen.push({from: form.get('From'), to, text: form.get('Body'), total: 1, number: 1, reference: counter,
    key: request.headers['idempotency-key'] || ''});
  const accept = () => { answer(response, 201, {sid, status: 'queued'}); };
  switch (behaviour) {
    case '10': return answer(response, 400, {code: 21606, message: 'The From number is not yours'});
    case '11': return answer(response, 400, {code: 21211, message: "The 'To' number is not a valid phone number."});
    case '20': return answer(response, 503, {code: 20503, message: 'Service unavailable'});
    case '88': return answer(response, 429, {code: 20429, message: 'Too Many Requests'}, {'Retry-After': '1'});
    case '00': return undefined;
    case '01': return request.socket.destroy();
    case '02': return setTimeout(() => { accept(); sendReceipts(form, sid, behaviour); }, 700);
    case '05': sendReceipts(form, sid, behaviour); return setTimeout(accept, 300);
    case '06': return setTimeout(() => { accept(); sendReceipts(form, sid, behaviour); }, 3000);
    default: accept(); return sendReceipts(form, sid, behaviour);
  }
}

function serve(request, response) {
  const expected = 'Basic ' + Buffer.from('AC1:' + token).toString('base64');
  let body = '';
  request.setEncoding('utf8');
  request.on('data', piece => { body += piece; });
  request.on('end', () => {
    if (request.headers.authorization !== expected) return answer(response, 401, {code: 20003});
    if (request.method !== 'POST' || request.url !== '/Accounts/AC1/Messages.json') return answer(response, 404, {});
    return submitted(request, response, new URLSearchParams(body));
  });
}

const server = http.createServer(serve);
server.on('connection', socket => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)); });
const up = () => new Promise(done => server.listen(+port, '127.0.0.1', done));
const down = () => new Promise(done => {
  server.close(() => done());
  for (const socket of sockets) socket.destroy();
});

async function control(request, response) {
  const url = new URL(request.url, 'http://rest');
  switch (url.pathname) {
    case '/seen': return answer(response, 200, seen);
    case '/down': await down(); return answer(response, 200, {});
    case '/up': await up(); return answer(response, 200, {});
    case '/mo':
      callBack(hook + '/inbound', {MessageSid: 'MO' + ++counter, From: '+' + url.searchParams.get('from'),
        To: url.searchParams.get('to'), Body: url.searchParams.get('text')});
      return answer(response, 200, {});
    default: return answer(response, 404, {});
  }
}

up();
https.createServer({key: fs.readFileSync(keyFile), cert: fs.readFileSync(certificateFile)}, serve)
  .listen(+tlsPort, '127.0.0.1');
http.createServer(control).listen(+controlPort, '127.0.0.1', () => console.log('provider is up'));
