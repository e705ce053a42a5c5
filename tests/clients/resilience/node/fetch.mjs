// fetch retries nothing.
const [url, ...paths] = process.argv.slice(2);

for (const path of paths) {
  const answer = await fetch(url + path);
  await answer.text();
}
