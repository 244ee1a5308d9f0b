/** The page of the link in a reset mail. The token is in the fragment, which browsers do not send to servers. */
const [form, password, again, outcome] = ['form', 'password', 'again', 'outcome'].map((id) =>
  document.getElementById(id),
);
const token = location.hash.slice(1);
// From here on neither a reload nor the history shows the token.
history.replaceState(null, '', location.pathname);
if (token === '') outcome.textContent = 'Open this page with the link in the e-mail.';

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (password.value !== again.value) {
    outcome.textContent = 'The passwords do not match.';
    return;
  }
  outcome.textContent = await setPassword(password.value);
});

async function setPassword(newPassword) {
  try {
    const answer = await fetch('/api/v1/auth/password-reset/confirm', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, newPassword }),
    });
    if (answer.ok) {
      form.remove();
      return 'Your password is changed. All sessions have ended, and all tokens and webhooks are revoked. You can close this page.';
    }
    return (await answer.json()).detail;
  } catch {
    return 'Arbion could not be reached. Your password may not have changed; try again.';
  }
}
