// Reads a collection as Postman does: prints each request, and what its examples say, as JSON.
const { readFileSync } = require('node:fs')
const { Collection } = require('postman-collection')

const collection = new Collection(JSON.parse(readFileSync(0, 'utf8')))
const found = []
collection.forEachItem((item) => {
  const folders = []
  item.forEachParent((parent) => folders.unshift(parent.name))
  found.push({
    name: item.name,
    folders: folders,
    method: item.request.method,
    path: item.request.url.getPath(),
    query: item.request.url.getQueryString(),
    auth: item.getAuth()?.type ?? null,
    examples: item.responses.map((one) => [one.name, one.code, one.text(), one.headers.get('content-type') ?? null]),
  })
})
process.stdout.write(JSON.stringify(found))
