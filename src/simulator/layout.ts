import { html, raw } from 'hono/html';

type Html = ReturnType<typeof html>;

const STYLE = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent) }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.5rem; line-height: 1.25 } h2 { font-size: 1.1rem; margin-top: 2rem }
  code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere }
  table { border-collapse: collapse; width: 100%; font-size: 0.9rem } td, th { border-bottom: 1px solid var(--line); padding: 0.3rem 0.6rem 0.3rem 0; text-align: left; vertical-align: top }
  summary { cursor: pointer; padding: 0.2rem 0 } li { overflow-wrap: anywhere }
  form { margin: 0.4rem 0 } form.inline { display: inline-block; margin: 0 0.4rem 0.4rem 0 }
  button, select, input { font: inherit; padding: 0.3rem 0.8rem; border: 1px solid var(--line); border-radius: 6px; background: transparent; color: inherit }
  button.main { background: #14833b; border-color: #14833b; color: #fff }
  button:focus-visible, select:focus-visible, input:focus-visible { outline: 2px solid #14833b; outline-offset: 2px }
`;

/** A whole page of the local Spotify around its content. */
export function layOutPage(title: string, content: Html | Promise<Html>) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        ${content}
      </body>
    </html>`;
}
