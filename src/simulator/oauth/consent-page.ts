/**
 * The page on which a user allows a program to act for them: a plain form `username,password,decision` that a person can
 * fill in and a script can post to the page's own address.
 */

export interface ConsentQuestion {
  broker: string;
  clientId: string;
  /** shown above the form after a failed attempt */
  problem?: string;
}

export interface ConsentAnswer {
  username: string;
  password: string;
  allowed: boolean;
}

export function consentPage(question: ConsentQuestion): Response {
  return page(
    `${question.broker} (simulated)`,
    `${question.problem === undefined ? '' : `<p role="alert">${escaped(question.problem)}</p>`}
<p><strong>${escaped(question.clientId)}</strong> asks to see your accounts and to trade in them.</p>
<form method="post">
<p><label>User name <input name="username" autocomplete="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny" formnovalidate>Deny</button></p>
</form>`,
    question.problem === undefined ? 200 : 401,
  );
}

/** A page without a form: an error, or the verifier code. */
export function noticePage(title: string, text: string, status = 200): Response {
  return page(title, `<p id="notice">${escaped(text)}</p>`, status);
}

/** The user's answer; anything but `allow` means no. */
export function readConsent(form: URLSearchParams): ConsentAnswer {
  return {
    username: form.get('username') ?? '',
    password: form.get('password') ?? '',
    allowed: form.get('decision') === 'allow',
  };
}

function page(title: string, content: string, status: number): Response {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>body{font:1rem system-ui;max-width:24rem;margin:3rem auto;padding:0 1rem}input{display:block;width:100%}</style></head>
<body><h1>${escaped(title)}</h1>
${content}
</body></html>`;
  return new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}
