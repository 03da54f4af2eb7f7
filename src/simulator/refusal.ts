import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** The Web API's JSON error; `reason` only where Spotify sends one (QUOTA_EXCEEDED). Thrown from any route. */
export function refuse(
  status: ContentfulStatusCode,
  message: string,
  reason?: string,
  headers: Record<string, string> = {},
) {
  const error = reason === undefined ? { status, message } : { status, message, reason };
  return new HTTPException(status, { res: Response.json({ error }, { status, headers }) });
}

/** An error body that is plain text, which Spotify sends in a few cases. */
export function refuseInText(status: ContentfulStatusCode, text: string, headers: Record<string, string> = {}) {
  const res = new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });
  return new HTTPException(status, { res });
}

/** The token endpoint's error (RFC 6749 section 5.2), always with status 400. */
export function refuseToken(error: string, description: string) {
  return new HTTPException(400, {
    res: Response.json(
      { error, error_description: description },
      { status: 400, headers: { 'cache-control': 'no-store' } },
    ),
  });
}
