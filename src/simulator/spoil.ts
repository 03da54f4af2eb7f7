import { setTimeout as delay } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { FaultAction } from './faults.ts';

/** Answers a call the way a fault says; `handle` does what the call asks for, where the fault lets it be done. */
export async function spoil(
  fault: FaultAction,
  { incoming, outgoing }: HttpBindings,
  handle: () => Promise<Response>,
): Promise<Response> {
  switch (fault.kind) {
    case 'status':
      return answer(fault.status, fault.body, fault.headers);
    case 'plain-text':
      return answer(fault.status, fault.text, fault.headers);
    case 'empty':
      return new Response(null, { status: 200 });
    case 'reset-before':
      incoming.socket.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    case 'reset-after':
      await handle();
      incoming.socket.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    case 'timeout':
      return RESPONSE_ALREADY_SENT;
    case 'timeout-after':
      await handle();
      return RESPONSE_ALREADY_SENT;
    case 'slow':
      return dribble(await handle(), fault.ms);
    case 'truncate': {
      const response = await handle();
      const text = await response.text();
      return new Response(text.slice(0, Math.floor(text.length / 2)), withoutLength(response));
    }
    case 'cut-body': {
      const response = await handle();
      const body = Buffer.from(await response.arrayBuffer());
      outgoing.writeHead(response.status, { 'content-type': 'application/json', 'content-length': body.length + 1 });
      outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => incoming.socket.destroy());
      return RESPONSE_ALREADY_SENT;
    }
  }
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  if (body === undefined) return new Response(null, { status, headers });
  if (typeof body !== 'string') return Response.json(body, { status, headers });
  return new Response(body, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });
}

function withoutLength(response: Response): ResponseInit {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return { status: response.status, headers };
}

/** The same response, its body in ten pieces over `ms` milliseconds. */
async function dribble(response: Response, ms: number): Promise<Response> {
  const body = new Uint8Array(await response.arrayBuffer());
  if (body.length === 0) return response;
  const step = Math.ceil(body.length / 10);
  const pieces = async function* () {
    for (let from = 0; from < body.length; from += step) {
      await delay(ms / 10);
      yield body.subarray(from, from + step);
    }
  };
  return new Response(ReadableStream.from(pieces()) as ReadableStream<Uint8Array>, withoutLength(response));
}
