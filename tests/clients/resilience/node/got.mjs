// got waits 1, 2, 4, … s and up to 100 ms more. Here 1000 ms are 30; the noise is got's own.
import got, { HTTPError } from "got";

const [url, ...paths] = process.argv.slice(2);
const calculateDelay = ({ attemptCount, computedValue }) =>
  computedValue && 30 * 2 ** (attemptCount - 1) + (computedValue % 1000);
const client = got.extend({ retry: { limit: 4, calculateDelay } });

for (const path of paths) {
  await client.get(url + path).catch((error) => {
    if (!(error instanceof HTTPError)) throw error; // all attempts are spent
  });
}
