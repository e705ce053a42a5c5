// got heeds Retry-After without being told.
import got from "got";

const [url, ...paths] = process.argv.slice(2);

for (const path of paths) await got.get(url + path);
