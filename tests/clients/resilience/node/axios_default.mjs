// axios-retry as it is: three retries, at once ("retryDelay: by default there is no delay between retries").
import axios from "axios";
import axiosRetry from "axios-retry";

const [url, ...paths] = process.argv.slice(2);
axiosRetry(axios);

for (const path of paths) {
  await axios.get(url + path).catch((error) => {
    if (!error.response) throw error; // all attempts are spent
  });
}
