// Stands before the API server as it, with its certificate, and lets it fail on command: before a write, during it, after it.
import fs from 'node:fs';
import https from 'node:https';

export class Relay {
  /** What becomes of writes: 'pass'; 'ill': an answer of 500 to their dry runs, too; 'lost': the connection ends before it arrives;
   *  'unanswered': it is executed, and the connection ends. */
  writes = 'pass';
  /** The writes that came and were no dry runs: {method, url, body}. */
  sent = [];
  #server;
  #agent;

  static async before(cluster) {
    const relay = new Relay();
    relay.#agent = new https.Agent({ keepAlive: true, ca: fs.readFileSync(cluster.ca) });
    const pair = { cert: fs.readFileSync(`${cluster.pki}/server.crt`), key: fs.readFileSync(`${cluster.pki}/server.key`) };
    relay.#server = https.createServer(pair, (request, response) => relay.#take(cluster, request, response));
    await new Promise((resolve) => relay.#server.listen(0, '127.0.0.1', resolve));
    relay.url = `https://127.0.0.1:${relay.#server.address().port}`;
    return relay;
  }

  close() {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  #take(cluster, request, response) {
    const parts = [];
    request.on('data', (part) => parts.push(part)).on('end', () => {
      const { method, url, headers } = request, body = Buffer.concat(parts);
      const write = method !== 'GET' && !/reviews(\?|$)/.test(url);
      const dry = /dryRun=All/.test(url) || /"dryRun":\["All"\]/.test(body.toString());
      if (write && !dry) this.sent.push({ method, url, body: body.toString() });
      if (write && this.writes === 'ill') {
        return response.writeHead(500, { 'content-type': 'application/json' })
          .end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'etcd is ill', reason: 'InternalError', code: 500 }));
      }
      if (write && !dry && this.writes === 'lost') return request.socket.destroy();
      const onward = https.request(cluster.url + url, { method, headers: { ...headers, host: new URL(cluster.url).host }, agent: this.#agent }, (answer) => {
        if (write && !dry && this.writes === 'unanswered') return answer.resume().on('end', () => request.socket.destroy());
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response);
      });
      onward.on('error', () => request.socket.destroy());
      response.on('close', () => onward.destroy());
      onward.end(body);
    });
  }
}
