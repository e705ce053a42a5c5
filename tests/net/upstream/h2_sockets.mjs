// Node's HTTP/2 server over TLS, which takes WebSockets on connections of HTTP/1.1, if it takes those at all.
// Arguments: certificate, key, and `strict` for HTTP/2 alone. Says its port, serves until its input ends.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import http2 from "node:http2";

const [cert, key, strict] = process.argv.slice(2);
const allowHTTP1 = strict === undefined;
const server = http2.createSecureServer({ cert: readFileSync(cert), key: readFileSync(key), allowHTTP1 });

server.on("request", (request, response) => response.end(request.httpVersion));

// Echoes the bytes of frames as a server sends them, without a mask; only short ones.
server.on("upgrade", (request, socket, head) => {
  const proof = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = createHash("sha1").update(proof).digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
  socket.write(`Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
  let data = head;
  const echo = (piece) => {
    data = Buffer.concat([data, piece]);
    while (data.length >= 6 && data.length >= 6 + (data[1] & 127)) {
      const size = data[1] & 127;
      const text = data.subarray(6, 6 + size).map((byte, at) => byte ^ data[2 + (at % 4)]);
      socket.write(Buffer.concat([Buffer.from([data[0], size]), text]));
      data = data.subarray(6 + size);
    }
  };
  socket.on("error", () => {});
  socket.on("data", echo);
  echo(Buffer.alloc(0));
});
server.on("tlsClientError", () => {});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
