// A process that opens a registry and does what its parent asks, until it is killed.
// argv: module, class, settings as JSON. A message in: { id, method, args }; out: { id, value } or { id, fault }.
const [, , file, name, settings] = process.argv;

const opening = require(file)[name].open(JSON.parse(settings));
process.on('message', async ({ id, method, args }) => {
  try {
    const registry = await opening;
    process.send({ id, value: await registry[method](...args) });
  } catch (cause) {
    process.send({ id, fault: String(cause) });
  }
});
