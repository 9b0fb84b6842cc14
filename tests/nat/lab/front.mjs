// Ends TLS before the signaling server, as a reverse proxy does.
// Usage: node front.mjs KEY CERTIFICATE ADDRESS… - from port 443 of each to its port 8080

import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

const [key, cert, ...addresses] = process.argv.slice(2);

for (const address of addresses) {
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  tls.createServer(options, (visitor) => {
    const server = net.connect(8080, address);
    // When one side is gone the other learns of it at once; why doesn't matter here.
    for (const [one, other] of [[visitor, server], [server, visitor]]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.setNoDelay(true);
      one.pipe(other);
    }
  }).listen(443, address);
}
