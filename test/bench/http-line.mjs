// One keep-alive connection that posts bodies: as little as HTTP needs, so that the client does not cost the server's time.
import { connect } from 'node:net';

export class HttpLine {
  #socket;
  #waiting = [];
  #rest = Buffer.alloc(0);

  constructor(url, key) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.on('error', (error) => this.#waiting.splice(0).forEach(({ reject }) => reject(error)));
    this.head = `Host: ${hostname}:${port}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
  }

  /** Resolves to the status of the answer. Answers come in the order of the requests. */
  post(path, body) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.#socket.cork();
    this.#socket.write(`POST ${path} HTTP/1.1\r\n${this.head}Content-Length: ${bytes.length}\r\n\r\n`);
    this.#socket.write(bytes);
    this.#socket.uncork();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The same for a GET. */
  get(path) {
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${this.head}\r\n`);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  close() {
    this.#socket.destroy();
  }

  #read(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.#rest.subarray(0, end).toString('latin1');
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (this.#rest.length < end + 4 + length) return;
      this.#rest = this.#rest.subarray(end + 4 + length);
      this.#waiting.shift().resolve(Number(head.slice(9, 12)));
    }
  }
}
