/** The page behind the link of a reset mail. The token is in the fragment, which browsers send to no server. */
const [form, password, again, outcome] = ['form', 'password', 'again', 'outcome'].map((id) =>
  document.getElementById(id),
);
const token = location.hash.slice(1);
// Neither a reload nor the history shows it from here on.
history.replaceState(null, '', location.pathname);
if (token === '') outcome.textContent = 'Open this page with the link of the mail.';

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (password.value !== again.value) {
    outcome.textContent = 'The two are not the same.';
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
      return 'Your password is set, and every session has ended. You can close this page.';
    }
    return (await answer.json()).detail;
  } catch {
    return 'Arbion could not be reached. Your password is as it was; try again.';
  }
}
