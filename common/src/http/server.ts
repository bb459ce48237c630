import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

/** An HTTP server on this address and port (0: any free one). Rejects with the system's error when it cannot listen there. */
export async function listen(listener: RequestListener, port: number, host: string): Promise<Server> {
  const server = createServer(listener);
  server.keepAliveTimeout = 95_000; // longer than ingresses keep an idle connection: nginx 60 s, Traefik 90
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}
