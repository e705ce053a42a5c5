// 80, 160, 320 ms and up to 20 % more.
import axios from "axios";
import axiosRetry, { exponentialDelay } from "axios-retry";

const [url, ...paths] = process.argv.slice(2);
axiosRetry(axios, { retries: 3, retryDelay: (attempt, error) => exponentialDelay(attempt, error, 40) });

for (const path of paths) await axios.get(url + path);
