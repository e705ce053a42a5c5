// What Node's fetch makes of a reply: see METHOD URL BODY WANTED TIMES
const [method, url, body, wanted, times] = process.argv.slice(2);

async function see() {
  let status = "";
  try {
    const reply = await fetch(url, { method, body: body || undefined, signal: AbortSignal.timeout(2000) });
    status = `${reply.status}`;
    const expected = parsed(wanted);
    if (expected === undefined) return status + compared((await reply.text()) === wanted);
    const found = await reply.json();
    return status + compared(JSON.stringify(found) === JSON.stringify(expected));
  } catch (error) {
    const cause = error.cause ? ` (${error.cause.name}: ${error.cause.message})` : "";
    return `${status ? `${status}, then ` : ""}${error.name}: ${error.message}${cause}`;
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function compared(same) {
  return same ? " and the right body" : " and another body";
}

await fetch("data:,"); // which loads it: that must not count

for (let number = 0; number < times.length; number++) {
  if (number > 0) await new Promise((resolve) => setTimeout(resolve, 300));
  console.log((await see()).replaceAll("\n", " "));
}
