// Hears callbacks and keeps them until the tests take them: node hook.js PORT; GET /taken.
'use strict';
const http = require('http');
let requests = [];
http.createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', piece => { body += piece; });
  request.on('end', () => {
    if (request.url !== '/taken') {
      requests.push({method: request.method, url: request.url, headers: request.headers, body});
      return response.end('');
    }
    const taken = requests;
    requests = [];
    response.setHeader('Content-Type', 'application/json');
    return response.end(JSON.stringify(taken));
  });
}).listen(+process.argv[2], '127.0.0.1', () => console.log('hook is up'));
