/** The page of the link in the mail after a registration. The token is in the fragment, which browsers do not send to servers. */
const [form, outcome] = ['form', 'outcome'].map((id) => document.getElementById(id));
const token = location.hash.slice(1);
// From here on neither a reload nor the history shows the token.
history.replaceState(null, '', location.pathname);
if (token === '') outcome.textContent = 'Open this page with the link in the e-mail.';

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  outcome.textContent = await confirmAddress();
});

async function confirmAddress() {
  try {
    const answer = await fetch('/api/v1/auth/register/confirm', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) {
      form.remove();
      return 'Your account is created. You can log in and close this page.';
    }
    return (await answer.json()).detail;
  } catch {
    return 'Arbion could not be reached. Try again.';
  }
}
