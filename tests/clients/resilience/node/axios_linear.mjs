// 40, 80, 120, 160 ms.
import axios from "axios";
import axiosRetry, { linearDelay } from "axios-retry";

const [url, ...paths] = process.argv.slice(2);
axiosRetry(axios, { retries: 4, retryDelay: linearDelay(40) });

for (const path of paths) await axios.get(url + path);
