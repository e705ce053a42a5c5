// A real HTTP/2 server: Node's. Says its port, and serves until its input ends.
import http2 from "node:http2";

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_NO_ERROR } = http2.constants;
const held = new Map();

const answers = {
  "/hello": (stream) => {
    stream.respond({ ":status": 200, "content-length": 5, "set-cookie": ["a=1", "b=2"] });
    stream.end("hello");
  },
  "/echo": (stream) => {
    stream.respond({ ":status": 200 });
    stream.pipe(stream);
  },
  "/trailers": (stream) => {
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "3" }));
    stream.write("a");
    stream.end("bc");
  },
  "/received": (stream) => {
    let size = 0;
    let trailers = {};
    stream.on("data", (piece) => (size += piece.length));
    stream.on("trailers", (found) => (trailers = found));
    stream.on("end", () => {
      stream.respond({ ":status": 200 });
      stream.end(JSON.stringify({ size, sum: trailers["x-sum"] }));
    });
  },
  "/hints": (stream) => {
    stream.additionalHeaders({ ":status": 103, link: "</a.css>" });
    stream.respond({ ":status": 204 }, { endStream: true });
  },
  "/push": (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(String(stream.pushAllowed));
  },
  "/early": (stream) => {
    stream.respond({ ":status": 413 });
    stream.end("too much");
    stream.close(NGHTTP2_NO_ERROR);
  },
  "/reset": (stream) => {
    stream.respond({ ":status": 200 });
    stream.write("some", () => stream.destroy(new Error("on purpose")));
  },
  "/refuse": (stream) => stream.close(NGHTTP2_REFUSED_STREAM),
  "/hold": (stream, headers) => held.set(headers["x-name"], stream),
  // Says goodbye, and only then answers what was held.
  "/goodbye": (stream) => {
    stream.respond({ ":status": 200 }, { endStream: true });
    stream.session.close();
    for (const waiting of held.values()) {
      waiting.respond({ ":status": 200 });
      waiting.end("at last");
    }
  },
  "/destroy": (stream) => stream.session.destroy(),
  "/big": (stream) => {
    stream.respond({ ":status": 200 });
    const piece = Buffer.alloc(1024 * 1024, "x");
    let left = 20;
    const more = () => {
      while (left-- > 0) if (!stream.write(piece)) return stream.once("drain", more);
      stream.end();
    };
    more();
  },
};

const server = http2.createServer();
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  answers[headers[":path"]](stream, headers);
});
server.on("session", (session) => session.on("error", () => {}));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit(0));
process.stdin.resume();
